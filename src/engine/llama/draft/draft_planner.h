// DraftPlanner: decides before each step how many tokens are drafted for each answer, by what batches cost
// and by how likely the drafts are right. Not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/llama/draft/batch_costs.h"
#include "engine/llama/draft/draft_source.h"

namespace fovea::llama {

class DraftPlanner {
 public:
  explicit DraftPlanner(DraftMode mode) : mode_(mode) {}

  // How many tokens to draft for each answer of a batch, which has a row for each of them anyway. `odds` are
  // each answer's (AnswerDrafts::odds).
  std::vector<std::size_t> plan(std::span<const std::vector<double>> odds) const;

  // A batch of answers only, with so many rows, took `ms`.
  void record(std::size_t rows, double ms) { costs_.record(rows, ms); }

 private:
  std::size_t rows_worth(std::span<const double> best_first, std::size_t answers) const;

  const DraftMode mode_;
  BatchCosts costs_;
};

}  // namespace fovea::llama
