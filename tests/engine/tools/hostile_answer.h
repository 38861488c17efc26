// Any bytes as an answer that may call tools: what must hold of what is read in it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "engine/tools/split_reading.h"

namespace fovea::test {

inline const ToolUse& hostile_tools() {
  static const ToolUse use = {
      .tools = {
          {.name = "find", .parameters = R"({"properties":{"what":{"type":"string"},"count":{"type":"integer"}}})"},
          {.name = "f", .parameters = ""}}};
  return use;
}

// `bytes`: the number of a form, the seed of a split, and the answer.
inline AnswerParts check_hostile_answer(std::string_view bytes) {
  if (bytes.size() < 2) return {};
  const ToolFormat format = all_tool_formats[static_cast<unsigned char>(bytes[0]) % all_tool_formats.size()];
  const auto seed = static_cast<unsigned char>(bytes[1]);
  const std::string_view text = bytes.substr(2);
  const std::vector<AnswerPiece> whole = read_in_pieces(format, hostile_tools(), text, 0);
  check(whole == read_in_pieces(format, hostile_tools(), text, seed), "how an answer is cut changes nothing");
  AnswerParts parts = read_answer(format, hostile_tools(), text);
  std::string content;
  std::size_t calls = 0;
  for (const AnswerPiece& piece : whole) {
    if (const auto* said = std::get_if<ContentPiece>(&piece)) content += said->text;
    if (const auto* begin = std::get_if<CallBegin>(&piece)) check(begin->index == calls++, "calls come in order");
    if (const auto* arguments = std::get_if<ArgumentsPiece>(&piece))
      check(arguments->index + 1 == calls, "arguments follow the beginning of their call");
  }
  check(content == parts.content && calls == parts.calls.size(), "an answer is read alike in one piece and in many");
  check(content.size() <= text.size(), "content is part of the answer");
  for (const ToolCall& call : parts.calls) {
    check(std::ranges::contains(hostile_tools().tools, call.name, &Tool::name), "a call is of a known tool");
    check(call.arguments.starts_with('{') || call.arguments.empty(), "arguments begin as an object");
  }
  return parts;
}

}  // namespace fovea::test
