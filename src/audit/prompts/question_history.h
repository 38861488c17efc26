// QuestionHistory: which requests ask what was asked before: the same prompt, with the same settings.
//
// Questions are dense numbers. Bounded: beyond questions_max every question is new. Not thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>

#include "audit/prompts/prompt_tree.h"

namespace fovea {

struct QuestionVerdict {
  static constexpr std::uint32_t no_number = UINT32_MAX;

  std::uint32_t number = no_number;  // of the prompt with its settings, 0 and up; none: there was no room
  bool again = false;                // an earlier request had the same prompt and the same settings
  bool prompt_again = false;         // the same prompt
};

class QuestionHistory {
 public:
  static constexpr std::uint32_t questions_max = 8'000'000;

  // `end` is the place behind the prompt.
  QuestionVerdict see(PromptTree::Node end, std::uint64_t settings);

  std::uint32_t size() const { return static_cast<std::uint32_t>(questions_.size()); }

 private:
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> questions_;  // by prompt and settings
  boost::unordered_flat_set<PromptTree::Node> ends_;                   // of prompts
};

}  // namespace fovea
