// The blocks are those of the Hermes form, which many small models have seen. Results go to the user's side,
// since a template without tools has no other side, and what the user says behind them joins them: many of
// these templates want the user and the assistant in turns.
#include "engine/llama/template/generic_tools.h"

#include <format>
#include <utility>

namespace fovea::llama {

namespace {

std::string dumped(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string written(const TurnCall& call) {
  return std::format("<tool_call>\n{{\"name\": {}, \"arguments\": {}}}\n</tool_call>", dumped(call.name), call.text);
}

void append_line(std::string& text, std::string_view line) {
  if (!text.empty()) text += '\n';
  text += line;
}

// Results in a row are one message of the user's, with what the user says behind them.
void add_result(std::vector<Turn>& turns, bool follows_result, const Turn& result) {
  const std::string block = std::format("<tool_response>\n{}\n</tool_response>", result.text);
  if (follows_result)
    append_line(turns.back().text, block);
  else
    turns.push_back({.role = "user", .text = block});
}

void explain(std::vector<Turn>& turns, const Json& tools) {
  if (turns.empty() || turns.front().role != "system") {
    turns.insert(turns.begin(), {.role = "system", .text = explained(tools)});
    return;
  }
  std::string& text = turns.front().text;
  text += (text.empty() ? "" : "\n\n") + explained(tools);
}

}  // namespace

std::string explained(const Json& tools) {
  std::string text =
      "You can call functions. Each is described by a JSON object:\n"
      "<tools>\n";
  for (const Json& tool : tools) text += dumped(tool.at("function")) + "\n";
  text +=
      "</tools>\n"
      "To call a function, write its name and its arguments as JSON, in this form:\n"
      "<tool_call>\n"
      "{\"name\": <name>, \"arguments\": {<arguments>}}\n"
      "</tool_call>";
  return text;
}

std::vector<Turn> in_generic_form(std::vector<Turn> turns, const Json& tools) {
  std::vector<Turn> generic;
  bool follows_result = false;
  for (Turn& turn : turns) {
    if (turn.role == "tool") {
      add_result(generic, follows_result, turn);
      follows_result = true;
      continue;
    }
    if (follows_result && turn.role == "user") {
      append_line(generic.back().text, turn.text);
    } else {
      for (const TurnCall& call : std::exchange(turn.calls, {})) append_line(turn.text, written(call));
      generic.push_back(std::move(turn));
    }
    follows_result = false;
  }
  if (!tools.is_null()) explain(generic, tools);
  return generic;
}

}  // namespace fovea::llama
