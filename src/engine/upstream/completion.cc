// A streamed choice is three chunks: the role, the whole message in one delta, and the finish_reason. Members
// that nobody here knows are copied to every chunk, as servers do with their own; measured times only to the
// last one.
#include "engine/upstream/completion.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "engine/upstream/call_id.h"
#include "engine/upstream/json_value.h"

namespace fovea {

namespace {

bool is_finished(const Json& choice) {
  const std::string* reason = text_member(choice, "finish_reason");
  return reason != nullptr && is_finish(*reason) && member(choice, "message") != nullptr;
}

// The members that all chunks of an answer share.
Json chunk_frame(const Json& completion, const CompletionName& name, bool include_usage) {
  Json frame = Json::object_t{};
  frame["id"] = name.id;
  frame["object"] = "chat.completion.chunk";
  frame["created"] = name.created;
  for (const auto& [field, value] : completion.get<Json::object_t>()) {
    constexpr std::array<std::string_view, 6> own = {"id", "object", "created", "choices", "usage", "timings"};
    if (!std::ranges::contains(own, field)) frame[field] = value;
  }
  if (include_usage) frame["usage"] = nullptr;
  return frame;
}

Json chunk(Json frame, const Json& index, Json delta, const Json& logprobs, const Json& finish_reason) {
  Json choice = Json::object_t{};
  choice["index"] = index;
  choice["delta"] = std::move(delta);
  choice["logprobs"] = logprobs;
  choice["finish_reason"] = finish_reason;
  Json::array_t choices;
  choices.push_back(std::move(choice));
  frame["choices"].data = std::move(choices);
  return frame;
}

Json first_delta(const Json& message) {
  Json delta = Json::object_t{};
  const std::string* role = text_member(message, "role");
  delta["role"] = role == nullptr ? std::string("assistant") : *role;
  if (text_member(message, "content") != nullptr) delta["content"] = "";
  return delta;
}

void give_call_ids(Json& message, const CompletionName& name) {
  if (list_member(message, "tool_calls") == nullptr) return;
  for (Json& tool_call : message["tool_calls"].get<Json::array_t>()) {
    if (const std::string* id = text_member(tool_call, "id")) tool_call["id"] = fresh_call_id(*id, name.id);
  }
}

// All of a message in one delta.
Json whole_delta(const Json& message, const CompletionName& name) {
  Json delta = Json::object_t{};
  for (const auto& [field, value] : message.get<Json::object_t>()) {
    if (!value.is_null() && field != "role") delta[field] = value;
  }
  give_call_ids(delta, name);
  if (list_member(delta, "tool_calls") != nullptr) {
    std::uint64_t index = 0;
    for (Json& tool_call : delta["tool_calls"].get<Json::array_t>()) {
      if (tool_call.is_object()) tool_call["index"] = index++;
    }
  }
  return delta;
}

}  // namespace

bool is_finish(std::string_view reason) {
  constexpr std::array<std::string_view, 5> own_ends = {"stop", "length", "tool_calls", "function_call",
                                                        "content_filter"};
  return std::ranges::contains(own_ends, reason);
}

bool is_whole_completion(std::string_view json) {
  const auto completion = parse_json(json);
  const auto* choices = completion ? list_member(*completion, "choices") : nullptr;
  return choices != nullptr && !choices->empty() && std::ranges::all_of(*choices, is_finished);
}

std::optional<std::string> renamed(std::string_view json, const CompletionName& name) {
  auto completion = parse_json(json);
  if (!completion || !completion->is_object()) return std::nullopt;
  (*completion)["id"] = name.id;
  (*completion)["created"] = name.created;
  if (list_member(*completion, "choices") != nullptr) {
    for (Json& choice : (*completion)["choices"].get<Json::array_t>()) {
      if (const Json* message = member(choice, "message"); message != nullptr && message->is_object())
        give_call_ids(choice["message"], name);
    }
  }
  return to_text(*completion);
}

std::optional<std::vector<std::string>> chunks_of(std::string_view json, const CompletionName& name,
                                                  bool include_usage) {
  const auto completion = parse_json(json);
  const auto* choices = completion ? list_member(*completion, "choices") : nullptr;
  if (choices == nullptr) return std::nullopt;
  const Json frame = chunk_frame(*completion, name, include_usage);
  std::vector<Json> chunks;
  for (const Json& choice : *choices) {
    const Json* message = member(choice, "message");
    const Json* index = member(choice, "index");
    if (message == nullptr || !message->is_object() || index == nullptr) return std::nullopt;
    const Json* logprobs = member(choice, "logprobs");
    const Json* finish_reason = member(choice, "finish_reason");
    chunks.push_back(chunk(frame, *index, first_delta(*message), nullptr, nullptr));
    chunks.push_back(
        chunk(frame, *index, whole_delta(*message, name), logprobs == nullptr ? Json() : *logprobs, nullptr));
    chunks.push_back(
        chunk(frame, *index, Json::object_t{}, nullptr, finish_reason == nullptr ? Json() : *finish_reason));
  }
  if (const Json* usage = member(*completion, "usage"); usage != nullptr && include_usage) {
    Json last = frame;
    last["choices"] = Json::array_t{};
    last["usage"] = *usage;
    chunks.push_back(std::move(last));
  }
  if (const Json* timings = member(*completion, "timings"); timings != nullptr && !chunks.empty())
    chunks.back()["timings"] = *timings;
  std::vector<std::string> texts;
  std::ranges::transform(chunks, std::back_inserter(texts), to_text);
  return texts;
}

}  // namespace fovea
