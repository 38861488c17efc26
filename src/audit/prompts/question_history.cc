#include "audit/prompts/question_history.h"

#include "trace/mixed_bits.h"

namespace fovea {

QuestionVerdict QuestionHistory::see(PromptTree::Node end, std::uint64_t settings) {
  QuestionVerdict verdict;
  if (end == PromptTree::none) return verdict;
  const std::uint64_t question = mixed_bits(settings ^ mixed_bits(end));
  const auto asked = questions_.find(question);
  if (asked != questions_.end()) return {.number = asked->second, .again = true, .prompt_again = true};
  verdict.prompt_again = ends_.contains(end);
  if (size() == questions_max) return verdict;
  verdict.number = size();
  questions_.emplace(question, verdict.number);
  ends_.insert(end);
  return verdict;
}

}  // namespace fovea
