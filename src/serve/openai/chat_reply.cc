// The replies are plain structs in the order of OpenAI's fields, which glaze writes. An optional field that
// is empty is left out; what OpenAI writes as null is JSON already, so that it can be.
#include "serve/openai/chat_reply.h"

#include <ctime>
#include <utility>

#include "serve/openai/tokens/usage.h"
#include "serve/wire/fresh_id.h"
#include "serve/wire/json_text.h"
#include "serve/wire/valid_text.h"

namespace fovea::serve {

namespace json {

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
  glz::raw_json content;
  glz::raw_json refusal = {"null"};
};

struct CalledFunction {
  std::string_view name, arguments;
};

struct Call {
  std::string id;
  std::string_view type = "function";
  CalledFunction function;
};

struct Message {
  std::string_view role = "assistant";
  glz::raw_json content;
  glz::raw_json refusal = {"null"};
  std::vector<int> annotations;
  std::optional<std::vector<Call>> tool_calls;
};

struct Choice {
  std::size_t index;
  Message message;
  glz::raw_json logprobs;
  std::string_view finish_reason;
};

struct Completion {
  std::string_view id, object = "chat.completion";
  std::int64_t created;
  std::string_view model;
  std::vector<Choice> choices;
  Usage usage;
  std::string_view system_fingerprint;
  std::optional<Timings> timings;
};

// A chunk's delta is given as JSON: its fields differ from event to event.
struct ChunkChoice {
  std::size_t index;
  glz::raw_json delta, logprobs, finish_reason;
};

struct Chunk {
  std::string_view id, object = "chat.completion.chunk";
  std::int64_t created;
  std::string_view model, system_fingerprint;
  std::vector<ChunkChoice> choices;
  std::optional<glz::raw_json> usage;
  std::optional<Timings> timings;
};

struct FirstDelta {
  std::string_view role = "assistant", content;
};
struct ContentDelta {
  std::string_view content;
};

struct CallDelta {
  std::size_t index;
  std::string_view id, type = "function";
  CalledFunction function;
};
struct Arguments {
  std::string_view arguments;
};
struct ArgumentsDelta {
  std::size_t index;
  Arguments function;
};
template <typename Call>
struct CallsDelta {
  std::vector<Call> tool_calls;
};

}  // namespace json

namespace {

std::string as_event(const std::string& data) { return "data: " + data + "\n\n"; }

std::string_view finish_reason_of(const FinishedAnswer& answer) {
  if (answer.answer.finish_reason != FinishReason::stop) return "length";
  return answer.parts.calls.empty() || answer.parts.cut ? "stop" : "tool_calls";
}

std::vector<std::uint8_t> bytes_of(const TokenChoice& choice) { return {choice.bytes.begin(), choice.bytes.end()}; }

glz::raw_json logprobs_of(const ChosenTokens* tokens) {
  if (tokens == nullptr) return {"null"};
  return {json_text(json::Logprobs{.content = {tokens_json(*tokens)}})};
}

json::Message message_of(const AnswerParts& parts) {
  json::Message message{.content = {json_text(parts.content)}, .annotations = {}, .tool_calls = {}};
  if (parts.calls.empty()) return message;
  if (parts.content.empty()) message.content = {"null"};
  message.tool_calls.emplace();
  for (const ToolCall& call : parts.calls)
    message.tool_calls->push_back({.id = fresh_id("call_"), .function = {call.name, call.arguments}});
  return message;
}

}  // namespace

// A token may be a part of a character: `token` is made valid, `bytes` is exact.
std::string tokens_json(const ChosenTokens& tokens) {
  std::vector<json::Token> all;
  for (const ChosenToken& token : tokens) {
    json::Token written{valid_text(token.chosen.bytes), token.chosen.log_probability, bytes_of(token.chosen), {}};
    for (const TokenChoice& other : token.likeliest)
      written.top_logprobs.push_back({valid_text(other.bytes), other.log_probability, bytes_of(other)});
    all.push_back(std::move(written));
  }
  return json_text(all);
}

ChatReply::ChatReply(Options options)
    : options_(std::move(options)), id_(fresh_id("chatcmpl-")), created_(std::time(nullptr)) {}

std::string ChatReply::whole(std::span<const FinishedAnswer> answers, std::span<const ChosenTokens> logprobs) const {
  json::Completion completion{.id = id_,
                              .created = created_,
                              .model = options_.model,
                              .choices = {},
                              .usage = json::usage_of(answers, answers.size()),
                              .system_fingerprint = options_.fingerprint,
                              .timings = {}};
  for (std::size_t i = 0; i < answers.size(); ++i)
    completion.choices.push_back({i, message_of(answers[i].parts),
                                  logprobs_of(logprobs.empty() ? nullptr : &logprobs[i]),
                                  finish_reason_of(answers[i])});
  if (options_.timings) completion.timings = json::timings_of(answers);
  return brief_json_text(completion);
}

std::string ChatReply::event(std::size_t choice, std::string delta, const ChosenTokens* logprobs,
                             const FinishedAnswer* ended) const {
  json::Chunk chunk{.id = id_,
                    .created = created_,
                    .model = options_.model,
                    .system_fingerprint = options_.fingerprint,
                    .choices = {{choice, {std::move(delta)}, logprobs_of(logprobs), {"null"}}},
                    .usage = {},
                    .timings = {}};
  if (options_.include_usage) chunk.usage = glz::raw_json{"null"};
  if (ended != nullptr) {
    chunk.choices[0].finish_reason = {json_text(finish_reason_of(*ended))};
    if (options_.timings) chunk.timings = json::timings_of(std::span(ended, 1));
  }
  return as_event(brief_json_text(chunk));
}

std::string ChatReply::begin_event(std::size_t choice) const {
  return event(choice, json_text(json::FirstDelta{}), nullptr);
}

std::string ChatReply::content_event(std::size_t choice, std::string_view text, const ChosenTokens* logprobs) const {
  return event(choice, json_text(json::ContentDelta{text}), logprobs);
}

std::string ChatReply::call_event(std::size_t choice, const CallBegin& call, std::string_view id,
                                  const ChosenTokens* logprobs) const {
  const json::CallsDelta<json::CallDelta> delta{
      {{.index = call.index, .id = id, .function = {.name = call.name, .arguments = ""}}}};
  return event(choice, json_text(delta), logprobs);
}

std::string ChatReply::arguments_event(std::size_t choice, const ArgumentsPiece& piece,
                                       const ChosenTokens* logprobs) const {
  return event(choice, json_text(json::CallsDelta<json::ArgumentsDelta>{{{piece.index, {piece.text}}}}), logprobs);
}

std::string ChatReply::end_event(std::size_t choice, const FinishedAnswer& answer, const ChosenTokens* logprobs) const {
  return event(choice, "{}", logprobs, &answer);
}

std::string ChatReply::last_events(std::span<const FinishedAnswer> answers) const {
  constexpr const char* done = "data: [DONE]\n\n";
  if (!options_.include_usage) return done;
  return as_event(brief_json_text(
             json::Chunk{.id = id_,
                         .created = created_,
                         .model = options_.model,
                         .system_fingerprint = options_.fingerprint,
                         .choices = {},
                         .usage = glz::raw_json{brief_json_text(json::usage_of(answers, answers.size()))},
                         .timings = {}})) +
         done;
}

}  // namespace fovea::serve
