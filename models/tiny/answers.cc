// tiny_answers: answers a list of requests through the product's own pipeline and engine, to measure the
// bundled model.
//
//   tiny_answers MODEL MMPROJ FILE.jsonl [LAYERS] > answers.jsonl
//
// Each line of FILE is {"id", "messages", ...} with messages as in OpenAI's chat API and pictures as paths
// relative to FILE.
//
// Each line of output is {"id", "answer", "margin"}. The margin is the least distance, over the answer's
// tokens, between the best and the second best logit. With LAYERS ("all", "0-2") there is also the attention
// of those layers on each tile: {"columns", "rows", "place": [x, y, width, height] of the tile on the
// picture, "received", "scores"}; and the importance that the response would be stored with, and the numbers
// it is made from: "importance", "visual_share", "probability".
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <glaze/glaze.hpp>
#include <optional>
#include <print>
#include <string>
#include <vector>

#include "chat_line.h"
#include "engine/llama/llama_engine.h"
#include "pipeline/pipeline.h"

namespace tiny {

struct Record {
  std::string id;
  std::vector<ChatMessage> messages;
};
struct TileAttention {
  std::uint32_t columns, rows;
  std::array<double, 4> place;
  std::vector<double> received;
  std::vector<float> scores;
};
struct Answered {
  std::string id;
  std::string answer;
  float margin = 1e9F;
  std::optional<std::vector<TileAttention>> attention;
  std::optional<double> importance, visual_share, probability;
};

}  // namespace tiny

namespace {

using namespace fovea;

Blob file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Blob::copy_of(std::string(std::istreambuf_iterator<char>(file), {}));
}

Request request_of(const tiny::Record& record, const std::filesystem::path& folder) {
  tiny::Conversation asked = tiny::conversation_of(record.messages);
  Request request{.messages = std::move(asked.messages)};
  for (const std::string& picture : asked.pictures) request.sources.push_back({file_bytes(folder / picture), picture});
  request.options.max_tokens = 64;
  return request;
}

float margin_of(std::span<const float> logits) {
  std::vector<float> sorted(logits.begin(), logits.end());
  std::ranges::nth_element(sorted, sorted.begin() + 1, std::greater<>());
  return sorted[0] - sorted[1];
}

std::vector<tiny::TileAttention> attention_of(VisionLanguageEngine& engine, const Answer& answer) {
  std::vector<tiny::TileAttention> pictures;
  for (const TokenRun& run : answer.attention->runs) {
    if (!run.visual) continue;
    const ImageReport& image = answer.report.images[run.image];
    const TilePlace place = engine.tile_places(image.width, image.height, {}).value().at(run.tile);
    const auto tokens = [&](const auto& values) {
      return std::vector(values.begin() + run.first, values.begin() + run.first + run.count);
    };
    pictures.push_back({run.columns,
                        run.rows,
                        {place.x, place.y, place.width, place.height},
                        tokens(answer.attention->received),
                        tokens(answer.attention->scores)});
  }
  return pictures;
}

void add_attention(tiny::Answered& answered, VisionLanguageEngine& engine, const Answer& answer) {
  answered.attention = attention_of(engine, answer);
  answered.importance = answer.attention->importance;
  answered.visual_share = answer.attention->visual_share;
  answered.probability = answer.attention->probability;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::println(stderr, "usage: tiny_answers MODEL MMPROJ FILE.jsonl [LAYERS]");
    return 2;
  }
  // One thread: more gain nothing with so small a model, wait for one another on a busy machine, and may
  // round differently.
  auto engine = llama::LlamaEngine::open(
      {.model = argv[1], .mmproj = argv[2], .threads = 1, .attention_layers = argc == 5 ? argv[4] : ""});
  if (!engine) {
    std::println(stderr, "{}", engine.error().message);
    return 1;
  }
  Pipeline pipeline(**engine, {.response_bytes_max = 0});
  const std::filesystem::path path = argv[3];
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    const auto record = tiny::parsed<tiny::Record>(line);
    if (!record) {
      std::println(stderr, "{}", record.error());
      return 1;
    }
    tiny::Answered answered;
    answered.id = record->id;
    Listener listener;
    listener.on_token = [&](const Token& token, std::string_view) {
      if (!token.logits.empty()) answered.margin = std::min(answered.margin, margin_of(token.logits));
    };
    Request request = request_of(*record, path.parent_path());
    request.attention = argc == 5;
    const auto answer = pipeline.answer(request, listener);
    if (!answer) {
      std::println(stderr, "{}: {}", record->id, answer.error().message);
      return 1;
    }
    answered.answer = answer->text;
    if (answer->attention) add_attention(answered, **engine, *answer);
    std::println("{}", glz::write_json(answered).value_or("{}"));
  }
  return 0;
}
