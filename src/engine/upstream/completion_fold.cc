// Each known member has its own way of joining: texts are appended, names must not change, lists of log
// probabilities are appended, tool calls are joined by their index, token counts are replaced. The first
// unknown or impossible member is kept as the obstacle, and every later event is ignored.
//
// Rejected: merging unknown members by guess. A wrong merge would be stored and served again.
#include "engine/upstream/completion_fold.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <format>
#include <map>
#include <optional>
#include <utility>

#include "base/check.h"
#include "engine/upstream/completion.h"
#include "engine/upstream/json_value.h"

namespace fovea {

namespace {

// Far more than requests ask for. Each makes a node here, and the indices come from another server.
constexpr std::uint64_t choices_max = 128;
constexpr std::uint64_t tool_calls_max = 1024;

// Texts of which a delta brings the next piece. The last two are a model's reasoning, under the two names in
// use.
constexpr std::array<std::string_view, 4> pieced_texts = {"content", "refusal", "reasoning_content", "reasoning"};
// Members of the whole answer; the first chunk that has one counts.
constexpr std::array<std::string_view, 6> named_once = {
    "id", "created", "model", "service_tier", "system_fingerprint", "prompt_filter_results"};
// Members that have a place of their own, and those about the transfer and not about the answer: padding,
// measured times, the progress of the prompt.
constexpr std::array<std::string_view, 6> known_members = {"object",      "choices", "usage",
                                                           "obfuscation", "timings", "prompt_progress"};

std::optional<std::uint64_t> index_of(const Json& json, std::uint64_t end) {
  const Json* index = member(json, "index");
  const auto* number = index == nullptr ? nullptr : index->get_if<std::uint64_t>();
  return number != nullptr && *number < end ? std::optional(*number) : std::nullopt;
}

}  // namespace

struct CompletionFold::State {
  struct ToolCall {
    Json call = Json::object_t{};  // id, type
    Json function = Json::object_t{};
  };
  struct Choice {
    Json message = Json::object_t{};
    std::map<std::uint64_t, ToolCall> tool_calls;
    Json logprobs;
    std::string finish_reason;
  };

  Json answer = Json::object_t{};
  std::map<std::uint64_t, Choice> choices;
  Json usage;
  bool done = false;
  std::string obstacle;

  void stop(std::string why) {
    if (obstacle.empty()) obstacle = std::move(why);
  }
  void stop_at(std::string_view place, std::string_view name) {
    stop(std::format("{} has a \"{}\" that cannot be added up", place, name));
  }

  void add_chunk(const Json& chunk) {
    const auto* list = list_member(chunk, "choices");
    if (list == nullptr) return stop("an event is not a chunk of an answer");
    for (const auto& [name, value] : *chunk.get_if<Json::object_t>()) {
      const bool known = std::ranges::contains(named_once, name) || std::ranges::contains(known_members, name);
      if (!known && !value.is_null()) return stop_at("a chunk", name);
    }
    for (const std::string_view name : named_once) {
      if (const Json* value = member(chunk, name); value != nullptr && member(answer, name) == nullptr)
        answer[name] = *value;
    }
    if (const Json* counts = member(chunk, "usage")) usage = *counts;
    for (const Json& choice : *list) {
      const auto index = index_of(choice, choices_max);
      if (!index) return stop("a choice has no index");
      add_choice(choice, choices[*index]);
    }
  }

  void add_choice(const Json& piece, Choice& choice) {
    const auto* members = piece.get_if<Json::object_t>();
    for (const auto& [name, value] : *members) {
      if (value.is_null() || name == "index") continue;
      if (name == "delta") {
        add_delta(value, choice);
      } else if (name == "logprobs") {
        add_logprobs(value, choice.logprobs);
      } else if (name == "finish_reason") {
        const auto* reason = value.get_if<std::string>();
        choice.finish_reason = reason == nullptr ? "" : *reason;
      } else {
        stop_at("a choice", name);
      }
    }
  }

  void add_delta(const Json& delta, Choice& choice) {
    const auto* members = delta.get_if<Json::object_t>();
    if (members == nullptr) return stop("a delta is no object");
    for (const auto& [name, value] : *members) {
      if (value.is_null()) continue;
      if (name == "role") {
        set_text("a delta", name, value, choice.message);
      } else if (name == "tool_calls") {
        add_tool_calls(value, choice);
      } else if (std::ranges::contains(pieced_texts, name)) {
        append_text("a delta", name, value, choice.message);
      } else {
        stop_at("a delta", name);
      }
    }
  }

  void add_tool_calls(const Json& pieces, Choice& choice) {
    const auto* list = pieces.get_if<Json::array_t>();
    if (list == nullptr) return stop_at("a delta", "tool_calls");
    for (const Json& piece : *list) {
      const auto index = index_of(piece, tool_calls_max);
      if (!index) return stop("a tool call has no index");
      ToolCall& tool_call = choice.tool_calls[*index];
      for (const auto& [name, value] : *piece.get_if<Json::object_t>()) {
        if (value.is_null() || name == "index") continue;
        if (name == "function") {
          add_function(value, tool_call.function);
        } else if (name == "id" || name == "type") {
          set_text("a tool call", name, value, tool_call.call);
        } else {
          stop_at("a tool call", name);
        }
      }
    }
  }

  void add_function(const Json& piece, Json& function) {
    const auto* members = piece.get_if<Json::object_t>();
    if (members == nullptr) return stop("a tool call's function is no object");
    for (const auto& [name, value] : *members) {
      if (value.is_null()) continue;
      if (name == "name") {
        set_text("a function", name, value, function);
      } else if (name == "arguments") {
        append_text("a function", name, value, function);
      } else {
        stop_at("a function", name);
      }
    }
  }

  // Lists of tokens, one for each text.
  void add_logprobs(const Json& piece, Json& logprobs) {
    const auto* members = piece.get_if<Json::object_t>();
    if (members == nullptr) return stop_at("a choice", "logprobs");
    if (logprobs.is_null()) logprobs = Json::object_t{};
    for (const auto& [name, value] : *members) {
      Json& sum = logprobs[name];
      if (value.is_null()) continue;
      const auto* list = value.get_if<Json::array_t>();
      if (list == nullptr) return stop_at("logprobs", name);
      if (sum.is_null()) sum = Json::array_t{};
      auto& tokens = sum.get<Json::array_t>();
      tokens.insert(tokens.end(), list->begin(), list->end());
    }
  }

  void append_text(std::string_view place, std::string_view name, const Json& piece, Json& whole) {
    const auto* text = piece.get_if<std::string>();
    if (text == nullptr) return stop_at(place, name);
    Json& sum = whole[name];
    if (sum.is_null()) sum = std::string();
    sum.get<std::string>() += *text;
  }

  // A text that comes in one piece. Some servers repeat it, or send it empty in later chunks.
  void set_text(std::string_view place, std::string_view name, const Json& piece, Json& whole) {
    const auto* text = piece.get_if<std::string>();
    if (text == nullptr) return stop_at(place, name);
    const std::string* before = text_member(whole, name);
    if (before == nullptr || before->empty()) {
      whole[name] = *text;
    } else if (!text->empty() && *text != *before) {
      stop_at(place, name);
    }
  }
};

CompletionFold::CompletionFold() : state_(std::make_unique<State>()) {}
CompletionFold::~CompletionFold() = default;

void CompletionFold::add(std::string_view data) {
  if (!state_->obstacle.empty()) return;
  if (state_->done) return state_->stop("an event came behind the end");
  if (data == "[DONE]") {
    state_->done = true;
  } else if (const auto chunk = parse_json(data)) {
    state_->add_chunk(*chunk);
  } else {
    state_->stop("an event is not JSON");
  }
}

const std::string& CompletionFold::obstacle() const { return state_->obstacle; }

bool CompletionFold::complete() const {
  const auto finished = [](const auto& choice) { return is_finish(choice.second.finish_reason); };
  return state_->obstacle.empty() && state_->done && !state_->choices.empty() &&
         std::ranges::all_of(state_->choices, finished);
}

std::string CompletionFold::object() const {
  check(complete(), "an answer is taken from a complete stream");
  Json object = state_->answer;
  object["object"] = "chat.completion";
  Json::array_t choices;
  for (const auto& [index, folded] : state_->choices) {
    Json message = Json::object_t{};
    message["role"] = "assistant";
    message["content"] = nullptr;  // present even where the model said nothing
    for (const auto& [name, value] : folded.message.get<Json::object_t>()) message[name] = value;
    for (const auto& [place, tool_call] : folded.tool_calls) {
      Json& list = message["tool_calls"];
      if (list.is_null()) list = Json::array_t{};
      Json call = tool_call.call;
      call["function"] = tool_call.function;
      list.get<Json::array_t>().push_back(std::move(call));
    }
    Json choice = Json::object_t{};
    choice["index"] = index;
    choice["message"] = std::move(message);
    choice["logprobs"] = folded.logprobs;
    choice["finish_reason"] = folded.finish_reason;
    choices.push_back(std::move(choice));
  }
  object["choices"].data = std::move(choices);
  if (!state_->usage.is_null()) object["usage"] = state_->usage;
  return to_text(object);
}

}  // namespace fovea
