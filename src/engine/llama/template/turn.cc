// A call's arguments are kept as text and as a value, since templates want the one or the other. Both are
// protected: in the text, as it was written; in the value, behind JSON's escapes. Results find their calls by
// the client's ids, the newest call first where a client uses an id again.
#include "engine/llama/template/turn.h"

#include <algorithm>
#include <deque>
#include <format>
#include <map>
#include <stdexcept>
#include <utility>

namespace fovea::llama {

namespace {

// Templates and the JSON library walk a value by recursion.
constexpr int depth_max = 100;
// Of an object: the library finds a field by looking at all of them.
constexpr std::size_t object_fields_max = 1'000;
// Of all of a request's objects together.
constexpr std::size_t fields_max = 50'000;

// Numbers the calls of a conversation, and finds the call of each result.
class CallNumbers {
 public:
  // The id of the next call.
  std::string call(const ToolCall& call) {
    const std::string id = next_id();
    if (!call.id.empty()) numbered_.insert_or_assign(call.id, id);
    open_.push_back({id, call.name});
    return id;
  }

  // The call that a result is of.
  std::pair<std::string, std::string> result(const std::string& client_id) {
    auto found = open_.end();
    if (const auto numbered = numbered_.find(client_id); numbered != numbered_.end())
      found = std::ranges::find(open_, numbered->second, &Open::id);
    if (found == open_.end()) found = open_.begin();
    if (found == open_.end()) return {next_id(), "tool"};
    Open open = std::move(*found);
    open_.erase(found);
    return {std::move(open.id), std::move(open.name)};
  }

 private:
  struct Open {
    std::string id, name;
  };

  std::string next_id() { return std::format("call{:05}", numbers_++ % 100000); }

  std::size_t numbers_ = 0;
  std::map<std::string, std::string> numbered_;  // by the client's ids
  std::deque<Open> open_;                        // calls without a result
};

Result<TurnCall> turn_call(const ToolCall& call, std::string id, PromptMarks& marks, std::size_t& fields) {
  const std::string_view text = call.arguments.empty() ? std::string_view("{}") : call.arguments;
  auto arguments = json_of(text, "the arguments of a tool call", fields);
  if (!arguments) return std::unexpected(arguments.error());
  return TurnCall{.id = std::move(id),
                  .name = marks.protect(call.name),
                  .text = marks.protect(text),
                  .arguments = marks.protect_json(*arguments)};
}

}  // namespace

Result<Json> json_of(std::string_view text, std::string_view what, std::size_t& fields) {
  std::vector<std::size_t> open;  // fields so far of each object that is not closed
  const auto within_bounds = [&](int depth, Json::parse_event_t event, Json&) {
    if (event == Json::parse_event_t::object_start) open.push_back(0);
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key && (++open.back() > object_fields_max || ++fields > fields_max))
      throw std::length_error("too many fields");
    if (depth > depth_max) throw std::length_error("too deep");
    return true;
  };
  try {
    return Json::parse(text, within_bounds);
  } catch (const std::length_error&) {
    return fail(Fault::invalid,
                std::format("{} are nested more than {} deep, have an object of more than {} fields, or make more than "
                            "{} fields with all other objects of the request",
                            what, depth_max, object_fields_max, fields_max));
  } catch (const std::exception&) {
    return Json();
  }
}

Result<std::vector<Turn>> turns_of(std::span<const Message> messages, PromptMarks& marks, std::size_t& fields) {
  std::vector<Turn> turns;
  CallNumbers numbers;
  for (const Message& message : messages) {
    Turn turn{.role = message.role, .text = marks.protect_message(message)};
    for (const ToolCall& call : message.tool_calls) {
      auto made = turn_call(call, numbers.call(call), marks, fields);
      if (!made) return std::unexpected(made.error());
      turn.calls.push_back(std::move(*made));
    }
    if (message.role == "tool") {
      std::tie(turn.call_id, turn.name) = numbers.result(message.tool_call_id);
      turn.name = marks.protect(turn.name);
    }
    turns.push_back(std::move(turn));
  }
  return turns;
}

}  // namespace fovea::llama
