#include "engine/tools/tool_call_reader.h"

namespace fovea {

ToolCallReader::ToolCallReader(ToolFormat format, const ToolUse& use) : format_(format), use_(use) {}

std::vector<AnswerPiece> ToolCallReader::push(std::string_view text) {
  if (text.empty()) return {};
  return {ContentPiece{std::string(text)}};
}

std::vector<AnswerPiece> ToolCallReader::finish() { return {}; }

AnswerParts read_answer(ToolFormat format, const ToolUse& use, std::string_view text) {
  ToolCallReader reader(format, use);
  AnswerParts parts;
  const auto take = [&](const std::vector<AnswerPiece>& pieces) {
    for (const AnswerPiece& piece : pieces) {
      if (const auto* content = std::get_if<ContentPiece>(&piece)) parts.content += content->text;
      if (const auto* begin = std::get_if<CallBegin>(&piece)) parts.calls.push_back({.name = begin->name});
      if (const auto* arguments = std::get_if<ArgumentsPiece>(&piece))
        parts.calls[arguments->index].arguments += arguments->text;
    }
  };
  take(reader.push(text));
  take(reader.finish());
  return parts;
}

}  // namespace fovea
