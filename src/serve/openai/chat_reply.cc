// The replies are plain structs in the order of OpenAI's fields, which glaze writes. Optional fields that
// OpenAI writes as null are written as null.
#include "serve/openai/chat_reply.h"

#include <ctime>
#include <utility>

#include "serve/wire/fresh_id.h"
#include "serve/wire/json_text.h"
#include "serve/wire/valid_text.h"

namespace fovea::serve {

namespace json {

struct Usage {
  std::int32_t prompt_tokens, completion_tokens, total_tokens;
  struct {
    std::int32_t cached_tokens;
  } prompt_tokens_details;
};

struct TopToken {
  std::string token;
  double logprob;
  std::vector<std::uint8_t> bytes;
};

struct Token {
  std::string token;
  double logprob;
  std::vector<std::uint8_t> bytes;
  std::vector<TopToken> top_logprobs;
};

struct Logprobs {
  std::vector<Token> content;
};

struct Message {
  std::string_view role, content;
  std::optional<std::string_view> refusal;
};

struct Choice {
  std::int32_t index;
  Message message;
  std::optional<Logprobs> logprobs;
  std::string_view finish_reason;
};

struct Completion {
  std::string_view id, object;
  std::int64_t created;
  std::string_view model;
  std::vector<Choice> choices;
  Usage usage;
  std::string_view system_fingerprint;
};

// A chunk's delta is given as JSON: its fields differ from event to event.
struct ChunkChoice {
  std::int32_t index;
  glz::raw_json delta;
  std::optional<Logprobs> logprobs;
  std::optional<std::string_view> finish_reason;
};

struct Chunk {
  std::string_view id, object;
  std::int64_t created;
  std::string_view model, system_fingerprint;
  std::vector<ChunkChoice> choices;
};

struct ChunkWithUsage {
  std::string_view id, object;
  std::int64_t created;
  std::string_view model, system_fingerprint;
  std::vector<ChunkChoice> choices;
  std::optional<Usage> usage;
};

struct FirstDelta {
  std::string_view role = "assistant", content;
};
struct TextDelta {
  std::string_view content;
};

}  // namespace json

namespace {

std::string as_event(const std::string& data) { return "data: " + data + "\n\n"; }

// For a stored answer the whole prompt counts as cached.
json::Usage usage_of(const Answer& answer) {
  const RequestReport& report = answer.report;
  const std::int32_t cached = report.response == Outcome::hit ? answer.prompt_tokens : report.cached_tokens;
  return {answer.prompt_tokens, answer.answer_tokens, answer.prompt_tokens + answer.answer_tokens, {cached}};
}

std::string_view name_of(FinishReason reason) { return reason == FinishReason::stop ? "stop" : "length"; }

std::vector<std::uint8_t> bytes_of(const TokenChoice& choice) { return {choice.bytes.begin(), choice.bytes.end()}; }

// A token may be a part of a character: `token` is made valid, `bytes` is exact.
json::Logprobs logprobs_of(const std::vector<ChosenToken>& tokens) {
  json::Logprobs all;
  for (const ChosenToken& token : tokens) {
    json::Token written{valid_text(token.chosen.bytes), token.chosen.log_probability, bytes_of(token.chosen), {}};
    for (const TokenChoice& other : token.likeliest)
      written.top_logprobs.push_back({valid_text(other.bytes), other.log_probability, bytes_of(other)});
    all.content.push_back(std::move(written));
  }
  return all;
}

}  // namespace

ChatReply::ChatReply(std::string model, std::string fingerprint)
    : id_(fresh_id("chatcmpl-")),
      created_(std::time(nullptr)),
      model_(std::move(model)),
      fingerprint_(std::move(fingerprint)) {}

std::string ChatReply::whole(const Answer& answer, const std::vector<ChosenToken>* logprobs) const {
  json::Choice choice{0, {"assistant", answer.text, {}}, {}, name_of(answer.finish_reason)};
  if (logprobs != nullptr) choice.logprobs = logprobs_of(*logprobs);
  return json_text(
      json::Completion{id_, "chat.completion", created_, model_, {std::move(choice)}, usage_of(answer), fingerprint_});
}

std::string ChatReply::event(std::string delta, std::optional<std::string_view> finish_reason,
                             const std::vector<ChosenToken>* logprobs, bool usage_null) const {
  json::ChunkChoice choice{0, {std::move(delta)}, {}, finish_reason};
  if (logprobs != nullptr) choice.logprobs = logprobs_of(*logprobs);
  constexpr std::string_view object = "chat.completion.chunk";
  if (usage_null)
    return as_event(
        json_text(json::ChunkWithUsage{id_, object, created_, model_, fingerprint_, {std::move(choice)}, {}}));
  return as_event(json_text(json::Chunk{id_, object, created_, model_, fingerprint_, {std::move(choice)}}));
}

std::string ChatReply::first_event(bool usage_null) const {
  return event(json_text(json::FirstDelta{}), {}, nullptr, usage_null);
}

std::string ChatReply::text_event(std::string_view text, const std::vector<ChosenToken>* logprobs,
                                  bool usage_null) const {
  return event(json_text(json::TextDelta{text}), {}, logprobs, usage_null);
}

std::string ChatReply::last_events(const Answer& answer, bool include_usage) const {
  std::string events = event("{}", name_of(answer.finish_reason), nullptr, include_usage);
  if (include_usage) {
    events += as_event(json_text(
        json::ChunkWithUsage{id_, "chat.completion.chunk", created_, model_, fingerprint_, {}, usage_of(answer)}));
  }
  return events + "data: [DONE]\n\n";
}

}  // namespace fovea::serve
