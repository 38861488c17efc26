// moved_answers: what `--reuse moved` would change in the bundled model's answers, below the product.
//
//   moved_answers FILE.jsonl [--model FILE --mmproj FILE] > answers.jsonl
//
// Each line of FILE is {"id", "messages", "image", "sources"}. Messages are as in OpenAI's chat API, with
// pictures as paths relative to FILE. `image` is the place of a picture among those of the messages. Each of
// `sources` is {"name", "messages", "image", "shares"}: a prompt that has the same picture at `image`, and
// from which its state is taken. One without messages has nothing in front of the picture but what every
// prompt of the model begins with. `shares` are those of the picture's tokens that are computed anew.
//
// Each line of output is {"id", "answer", "tokens", "margin", "picture_tokens", "batched", "moved"}. `answer`
// is the exact greedy one, decoded alone. `margin` is the least distance of the best and the second best
// logit over its tokens. `batched` is the same request in one batch with the three others of its group of
// four lines, and `moved` has one entry for each source and share: {"source", "share", "computed", "kl",
// "changed", "answer"}. `kl` is the largest Kullback-Leibler divergence along the exact answer. `changed`
// says whether the greedy answer is another one, and only then `answer` is there.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <glaze/glaze.hpp>
#include <map>
#include <optional>
#include <print>
#include <ranges>
#include <string>
#include <vector>

#include "chat_line.h"
#include "engine/llama/llama_engine.h"
#include "image/decode.h"
#include "moved_decoder.h"
#include "or_exit.h"

namespace moved {

struct Source {
  std::string name;
  std::vector<tiny::ChatMessage> messages;
  std::uint32_t image = 0;
  std::vector<double> shares;
};
struct Record {
  std::string id;
  std::vector<tiny::ChatMessage> messages;
  std::uint32_t image = 0;
  std::vector<Source> sources;
};
struct Compared {
  double kl = 0;
  bool changed = false;
};
struct Moved {
  std::string source;
  double share = 0;
  std::uint32_t computed = 0;
  double kl = 0;
  bool changed = false;
  std::optional<std::string> answer;
};
struct Answered {
  std::string id;
  std::string answer;
  std::size_t tokens = 0;
  double margin = 0;
  std::uint32_t picture_tokens = 0;
  Compared batched;
  std::vector<Moved> moved;
};

}  // namespace moved

namespace {

using namespace fovea;
using bench::or_exit, bench::LaidOut, bench::MovedDecoder, bench::Probabilities;

constexpr std::size_t answer_tokens_max = 64;
constexpr std::size_t pictures_kept = 64;
// Of the context of one request. A shift rotates all of them, so that few are faster.
constexpr std::uint32_t cells_alone = 768;

// What was found along the exact answer, and where the greedy answer first differs from it.
struct Along {
  double kl = 0;
  std::optional<std::size_t> first_difference;
  llama_token instead = LLAMA_TOKEN_NULL;
};

Along compare(const bench::Decoded& exact, const std::vector<Probabilities>& other) {
  Along along;
  for (std::size_t i = 0; i < other.size(); ++i) {
    along.kl = std::max(along.kl, bench::divergence(exact.probabilities[i], other[i]));
    const llama_token chosen = bench::most_likely(other[i]);
    if (!along.first_difference && chosen != exact.tokens[i]) along.first_difference = i, along.instead = chosen;
  }
  return along;
}

double margin_of(const Probabilities& probabilities) {
  Probabilities sorted = probabilities;
  std::ranges::nth_element(sorted, sorted.begin() + 1, std::greater<>());
  return std::log(sorted[0]) - std::log(sorted[1]);
}

// Lays out messages and embeds their pictures, each once as long as it is kept.
class Prompts {
 public:
  Prompts(const llama::LlamaOptions& options, const llama::LoadedModel& loaded, std::filesystem::path folder)
      : engine_(or_exit(llama::LlamaEngine::open(options))), loaded_(loaded), folder_(std::move(folder)) {}

  LaidOut laid_out(const std::vector<tiny::ChatMessage>& messages) {
    const tiny::Conversation asked = tiny::conversation_of(messages);
    return of(or_exit(engine_->render(asked.messages)), asked.pictures);
  }
  // The picture as the first thing of a prompt; a prompt cannot end with it.
  LaidOut picture_first(const std::string& name) { return of(Prompt{{ImageSlot{0}, "\n"}}, {name}); }

 private:
  struct Picture {
    ImageSize size;
    std::vector<Blob> embeddings;
  };

  LaidOut of(const Prompt& prompt, const std::vector<std::string>& names) {
    std::vector<ImageSize> sizes;
    LaidOut laid_out;
    for (const std::string& name : names) {
      const Picture& picture = embedded(name);
      sizes.push_back(picture.size);
      laid_out.embeddings.push_back(picture.embeddings);
    }
    laid_out.layout = or_exit(llama::LlamaLayout::make(loaded_, prompt, sizes));
    return laid_out;
  }

  const Picture& embedded(const std::string& name) {
    if (const auto known = pictures_.find(name); known != pictures_.end()) return known->second;
    if (pictures_.size() >= pictures_kept) pictures_.clear();
    std::ifstream file(folder_ / name, std::ios::binary);
    const Blob bytes = Blob::copy_of(std::string(std::istreambuf_iterator<char>(file), {}));
    const DecodedImage image = or_exit(decode(bytes.bytes()));
    const auto tiled = or_exit(engine_->preprocess(image));
    Picture picture{.size = {image.width, image.height}, .embeddings = {}};
    for (std::size_t i = 0; i < tiled->tile_count(); ++i)
      picture.embeddings.push_back(or_exit(engine_->encode(*tiled, i, {})).embedding);
    return pictures_.emplace(name, std::move(picture)).first->second;
  }

  std::unique_ptr<llama::LlamaEngine> engine_;
  const llama::LoadedModel& loaded_;
  std::filesystem::path folder_;
  std::map<std::string, Picture> pictures_;
};

std::vector<moved::Moved> moved_from(MovedDecoder& decoder, const moved::Source& source, const bench::Block& block,
                                     const LaidOut& prompt, std::uint32_t image, const bench::Decoded& exact) {
  const auto tokens = static_cast<std::uint32_t>(block.end - block.begin);
  std::vector<moved::Moved> all;
  for (const double share : source.shares) {
    const std::uint32_t computed = bench::tokens_of_share(share, tokens);
    const Along along = compare(exact, decoder.along(prompt, {block, image, computed}, exact.tokens));
    moved::Moved found{.source = source.name,
                       .share = share,
                       .computed = computed,
                       .kl = along.kl,
                       .changed = along.first_difference.has_value(),
                       .answer = {}};
    if (along.first_difference) {
      // The state still holds the prompt and the forced tokens, so that the answer goes on from there.
      const std::span agreed = std::span(exact.tokens).first(*along.first_difference);
      found.answer = decoder.text_of(decoder.answer_behind(prompt, agreed, along.instead, answer_tokens_max));
    }
    all.push_back(std::move(found));
  }
  return all;
}

// One line, asked exactly.
struct Asked {
  const moved::Record& record;
  LaidOut prompt;
  bench::Decoded exact;
};

moved::Answered measured(MovedDecoder& decoder, Prompts& prompts, const Asked& asked,
                         const std::vector<Probabilities>& batched) {
  const Along beside = compare(asked.exact, batched);
  moved::Answered answered{.id = asked.record.id,
                           .answer = decoder.text_of(asked.exact.tokens),
                           .tokens = asked.exact.tokens.size(),
                           .margin = std::ranges::min(asked.exact.probabilities | std::views::transform(margin_of)),
                           .batched = {.kl = beside.kl, .changed = beside.first_difference.has_value()},
                           .moved = {}};
  const std::string name = tiny::conversation_of(asked.record.messages).pictures.at(asked.record.image);
  for (const moved::Source& source : asked.record.sources) {
    const LaidOut from = source.messages.empty() ? prompts.picture_first(name) : prompts.laid_out(source.messages);
    const bench::Block block = decoder.block_of(from, source.image);
    answered.picture_tokens = static_cast<std::uint32_t>(block.end - block.begin);
    std::ranges::move(moved_from(decoder, source, block, asked.prompt, asked.record.image, asked.exact),
                      std::back_inserter(answered.moved));
  }
  return answered;
}

std::vector<moved::Record> read(const std::filesystem::path& path) {
  std::ifstream lines(path);
  std::vector<moved::Record> records;
  for (std::string line; std::getline(lines, line);) {
    auto record = tiny::parsed<moved::Record>(line);
    if (!record) {
      std::println(stderr, "{}", record.error());
      std::exit(1);
    }
    records.push_back(std::move(*record));
  }
  if (records.size() % MovedDecoder::lanes_max != 0 || records.empty()) {
    std::println(stderr, "{}: {} lines, but they are batched by {}", path.string(), records.size(),
                 MovedDecoder::lanes_max);
    std::exit(1);
  }
  return records;
}

}  // namespace

int main(int count, char** arguments) {
  // One thread, as in tiny_answers: more may round differently.
  llama::LlamaOptions options{.model = FOVEA_SOURCE_DIR "/models/tiny/fovea-tiny.gguf",
                              .mmproj = FOVEA_SOURCE_DIR "/models/tiny/fovea-tiny-mmproj.gguf",
                              .threads = 1,
                              .ctx_size = cells_alone,
                              .gpu_layers = 0};
  std::filesystem::path path;
  CLI::App flags("What --reuse moved would change in answers");
  flags.add_option("FILE", path, "Requests, one a line")->required()->check(CLI::ExistingFile);
  flags.add_option("--model", options.model, "The decoder, GGUF (default: the bundled model)");
  flags.add_option("--mmproj", options.mmproj, "Its vision encoder, GGUF");
  CLI11_PARSE(flags, count, arguments);
  const std::vector<moved::Record> records = read(path);
  MovedDecoder decoder(options);
  llama::LlamaOptions side_by_side = options;
  side_by_side.ctx_size = cells_alone * MovedDecoder::lanes_max;
  side_by_side.parallel = MovedDecoder::lanes_max;
  MovedDecoder batches(side_by_side);
  Prompts prompts(options, decoder.loaded(), path.parent_path());
  for (const auto& group : records | std::views::chunk(MovedDecoder::lanes_max)) {
    std::vector<Asked> asked;
    for (const moved::Record& record : group) {
      LaidOut prompt = prompts.laid_out(record.messages);
      bench::Decoded exact = decoder.answer(prompt, answer_tokens_max);
      asked.push_back({record, std::move(prompt), std::move(exact)});
    }
    std::vector<const LaidOut*> laid_out;
    std::vector<const bench::Decoded*> exact;
    for (const Asked& each : asked) laid_out.push_back(&each.prompt), exact.push_back(&each.exact);
    const auto batched = batches.side_by_side(laid_out, exact);
    for (std::size_t i = 0; i < asked.size(); ++i)
      std::println("{}", glz::write_json(measured(decoder, prompts, asked[i], batched[i])).value_or("{}"));
  }
}
