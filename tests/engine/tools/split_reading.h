// read_in_pieces: an answer that is read in pieces, joined again; for tests and fuzzing.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string_view>
#include <vector>

#include "engine/tools/tool_call_reader.h"

namespace fovea::test {

// Joins pieces of the same kind that follow each other.
inline void join(std::vector<AnswerPiece>& all, const std::vector<AnswerPiece>& more) {
  for (const AnswerPiece& piece : more) {
    if (const auto* content = std::get_if<ContentPiece>(&piece); content != nullptr && !all.empty()) {
      if (auto* last = std::get_if<ContentPiece>(&all.back())) {
        last->text += content->text;
        continue;
      }
    }
    if (const auto* arguments = std::get_if<ArgumentsPiece>(&piece); arguments != nullptr && !all.empty()) {
      if (auto* last = std::get_if<ArgumentsPiece>(&all.back())) {
        last->text += arguments->text;
        continue;
      }
    }
    all.push_back(piece);
  }
}

// The pieces of `text`, which is cut at random where `seed` says; 0: not at all; 1: behind each character.
inline std::vector<AnswerPiece> read_in_pieces(ToolFormat format, const ToolUse& use, std::string_view text,
                                               unsigned seed) {
  ToolCallReader reader(format, use);
  std::vector<AnswerPiece> all;
  std::mt19937 chance(seed);
  while (!text.empty()) {
    const std::size_t length = seed == 0 ? text.size() : seed == 1 ? 1 : 1 + chance() % 12;
    join(all, reader.push(text.substr(0, length)));
    text.remove_prefix(std::min(length, text.size()));
  }
  join(all, reader.finish());
  return all;
}

}  // namespace fovea::test
