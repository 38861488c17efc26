// visual_tokens_answers: asks the bundled model with some of its pictures' tokens left out; for
// visual_tokens.py, which chooses them.
//
//   visual_tokens_answers [--model FILE] [--mmproj FILE] looks FILE.jsonl FILE.bin
//   visual_tokens_answers [--model FILE] [--mmproj FILE] answers FILE.jsonl > answers.jsonl
//
// looks: each line of FILE is {"picture", "questions": [text]}. What is found is written to FILE.bin,
// float32: the attention that each token received in the encoder's last layer (zeros where no node shows it),
// the embedding [tokens][width], and the attention of each question [questions][layers][tokens].
//
// answers: each line is {"id", "messages", "kept": [set], "compact": [set]}, messages as in OpenAI's chat API
// with pictures as paths relative to FILE, and a set one character for each visual token of the prompt, 1
// where it is kept. A line of output is {"id", "answer", "kept": [answer], "kept_kl": [number], "compact",
// ...}: the exact answer, those with tokens removed from the state, and those with only kept tokens
// prefilled, each with the divergence of its first token's probabilities from the exact ones.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <glaze/glaze.hpp>
#include <print>
#include <string>
#include <vector>

#include "chat_line.h"
#include "or_exit.h"
#include "visual_tokens_model.h"

namespace visual_tokens {

struct Asked {
  std::string id;
  std::vector<tiny::ChatMessage> messages;
  std::vector<std::string> kept, compact;
};
struct Answered {
  std::string id, answer;
  std::vector<std::string> kept;
  std::vector<double> kept_kl;
  std::vector<std::string> compact;
  std::vector<double> compact_kl;
};
struct Looked {
  std::string picture;
  std::vector<std::string> questions;
};

}  // namespace visual_tokens

namespace {

using namespace fovea;
using bench::GreedyAnswer;
using bench::KeptTokens;
using bench::or_exit;
using bench::VisualTokensModel;

[[noreturn]] void refuse(std::string_view why) {
  std::println(stderr, "{}", why);
  std::exit(1);
}

template <typename Line>
Line parsed(const std::string& text) {
  auto line = tiny::parsed<Line>(text);
  if (!line) refuse(line.error());
  return std::move(*line);
}

KeptTokens kept_of(const std::string& text, std::size_t tokens) {
  if (text.size() != tokens || text.find_first_not_of("01") != std::string::npos)
    refuse(std::format("a kept set is {} characters 0 or 1, not '{}'", tokens, text));
  KeptTokens kept;
  for (const char token : text) kept.push_back(token == '1');
  return kept;
}

void answer_line(VisualTokensModel& model, const visual_tokens::Asked& asked, const std::filesystem::path& folder) {
  const tiny::Conversation conversation = tiny::conversation_of(asked.messages);
  std::vector<std::filesystem::path> pictures;
  for (const std::string& picture : conversation.pictures) pictures.push_back(folder / picture);
  or_exit(model.start(conversation.messages, pictures));
  const std::size_t tokens = model.visual_tokens();
  const GreedyAnswer exact = or_exit(model.answer_exact());
  visual_tokens::Answered answered{.id = asked.id, .answer = exact.text};
  std::vector<KeptTokens> sets;
  for (const std::string& set : asked.kept) sets.push_back(kept_of(set, tokens));
  for (const GreedyAnswer& answer : or_exit(model.answers_pruned(sets))) {
    answered.kept.push_back(answer.text);
    answered.kept_kl.push_back(bench::divergence(exact.first, answer.first));
  }
  for (const std::string& set : asked.compact) {
    const GreedyAnswer answer = or_exit(model.answer_compact(kept_of(set, tokens)));
    answered.compact.push_back(answer.text);
    answered.compact_kl.push_back(bench::divergence(exact.first, answer.first));
  }
  std::println("{}", glz::write_json(answered).value_or("{}"));
}

void append(std::ofstream& file, std::span<const float> values) {
  file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size_bytes()));
}

void look_line(VisualTokensModel& model, const visual_tokens::Looked& looked, const std::filesystem::path& folder,
               std::ofstream& out) {
  const bench::EncodedPicture& picture = *or_exit(model.picture(folder / looked.picture, true));
  append(out, picture.encoder_sum);
  append(out, picture.embedding.as<float>());
  append(out, or_exit(model.look(folder / looked.picture, looked.questions)));
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path decoder = FOVEA_SOURCE_DIR "/models/tiny/fovea-tiny.gguf";
  std::filesystem::path mmproj = FOVEA_SOURCE_DIR "/models/tiny/fovea-tiny-mmproj.gguf";
  std::filesystem::path questions, out;
  CLI::App flags("Asks the bundled model with some of its pictures' tokens left out");
  flags.add_option("--model", decoder, "The decoder, GGUF (default: the bundled model)");
  flags.add_option("--mmproj", mmproj, "Its vision encoder, GGUF");
  CLI::App& looks = *flags.add_subcommand("looks", "What each question attends to");
  looks.add_option("questions", questions, "JSON lines")->required()->check(CLI::ExistingFile);
  looks.add_option("out", out, "float32 numbers")->required();
  CLI::App& answers = *flags.add_subcommand("answers", "Answers with kept sets of tokens");
  answers.add_option("questions", questions, "JSON lines")->required()->check(CLI::ExistingFile);
  flags.require_subcommand(1);
  CLI11_PARSE(flags, argc, argv);

  const auto model = or_exit(VisualTokensModel::open(decoder, mmproj));
  std::ifstream lines(questions);
  std::ofstream numbers;
  if (looks) numbers.open(out, std::ios::binary);
  if (looks && !numbers) refuse(out.string() + ": cannot be written");
  for (std::string line; std::getline(lines, line);) {
    if (looks) {
      look_line(*model, parsed<visual_tokens::Looked>(line), questions.parent_path(), numbers);
    } else {
      answer_line(*model, parsed<visual_tokens::Asked>(line), questions.parent_path());
    }
  }
  if (looks && !numbers.flush()) refuse(out.string() + ": cannot be written");
  return 0;
}
