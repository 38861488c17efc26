// tiny_answers: answers a list of requests through the product's own pipeline and engine, to measure the bundled model.
//
//   tiny_answers MODEL MMPROJ FILE.jsonl > answers.jsonl
//
// Each line of FILE is {"id", "messages", ...} with messages as in OpenAI's chat API and pictures as paths relative to FILE.
// Each line of output is {"id", "answer", "margin"}: the margin is the least distance, over the answer's tokens, between
// the best and the second best logit.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <glaze/glaze.hpp>
#include <print>
#include <string>
#include <variant>
#include <vector>

#include "engine/llama/llama_engine.h"
#include "pipeline/pipeline.h"

namespace tiny {

struct ImageUrl {
  std::string url;
};
struct ContentPart {
  std::string type;
  std::string text;
  ImageUrl image_url;
};
struct ChatMessage {
  std::string role;
  std::variant<std::string, std::vector<ContentPart>> content;
};
struct Record {
  std::string id;
  std::vector<ChatMessage> messages;
};
struct Answered {
  std::string id;
  std::string answer;
  float margin;
};

}  // namespace tiny

namespace {

using namespace fovea;

Blob file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Blob::copy_of(std::string(std::istreambuf_iterator<char>(file), {}));
}

Request request_of(const tiny::Record& record, const std::filesystem::path& folder) {
  Request request;
  for (const tiny::ChatMessage& chat : record.messages) {
    Message message{chat.role, {}};
    if (const auto* text = std::get_if<std::string>(&chat.content)) {
      message.parts.emplace_back(*text);
    } else {
      for (const tiny::ContentPart& part : std::get<std::vector<tiny::ContentPart>>(chat.content)) {
        if (part.type == "text") {
          message.parts.emplace_back(part.text);
        } else {
          message.parts.emplace_back(ImageSlot{request.sources.size()});
          request.sources.push_back({file_bytes(folder / part.image_url.url), part.image_url.url});
        }
      }
    }
    request.messages.push_back(std::move(message));
  }
  request.options.max_tokens = 64;
  return request;
}

float margin_of(std::span<const float> logits) {
  std::vector<float> sorted(logits.begin(), logits.end());
  std::ranges::nth_element(sorted, sorted.begin() + 1, std::greater<>());
  return sorted[0] - sorted[1];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::println(stderr, "usage: tiny_answers MODEL MMPROJ FILE.jsonl");
    return 2;
  }
  auto engine = llama::LlamaEngine::open({.model = argv[1], .mmproj = argv[2]});
  if (!engine) {
    std::println(stderr, "{}", engine.error().message);
    return 1;
  }
  Pipeline pipeline(**engine, {.response_bytes_max = 0});
  const std::filesystem::path path = argv[3];
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    tiny::Record record;
    if (const auto error = glz::read<glz::opts{.error_on_unknown_keys = false}>(record, line)) {
      std::println(stderr, "{}", glz::format_error(error, line));
      return 1;
    }
    tiny::Answered answered{.id = record.id, .answer = {}, .margin = 1e9F};
    Listener listener;
    listener.on_token = [&](const Token& token, std::string_view) {
      if (!token.logits.empty()) answered.margin = std::min(answered.margin, margin_of(token.logits));
    };
    const auto answer = pipeline.answer(request_of(record, path.parent_path()), listener);
    if (!answer) {
      std::println(stderr, "{}: {}", record.id, answer.error().message);
      return 1;
    }
    answered.answer = answer->text;
    std::println("{}", glz::write_json(answered).value_or("{}"));
  }
  return 0;
}
