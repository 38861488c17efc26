// A step gives each answer one token, and one more for each drafted token that is right together with all
// before it. So the odds of a drafted token are what its row is expected to add. The best rows are taken as
// long as the tokens of a step grow faster than its time. An answer's odds fall from one token to the next,
// so that taking the best rows never leaves a gap.
#include "engine/llama/draft/draft_planner.h"

#include <algorithm>
#include <functional>

namespace fovea::llama {

namespace {

// The least expected gain for which anything is drafted: estimates err, and a wrong draft is a sure loss.
constexpr double gain_min = 1.05;

struct Row {
  double odds;
  std::size_t answer;
};

std::vector<Row> best_first_of(std::span<const std::vector<double>> odds) {
  std::vector<Row> rows;
  for (std::size_t answer = 0; answer < odds.size(); ++answer) {
    for (const double each : odds[answer]) rows.push_back({each, answer});
  }
  std::ranges::stable_sort(rows, std::greater(), &Row::odds);
  return rows;
}

// What the draft model takes for the rows that were added: a batch for the first tokens of all answers, one
// for their second tokens, and so on.
class ProposingTime {
 public:
  explicit ProposingTime(const BatchCosts& costs) : costs_(costs) {}

  // Adds an answer's token that comes behind `before` others.
  void add(std::size_t before) {
    if (before == rows_.size()) rows_.push_back(0);
    std::size_t& rows = rows_[before];
    ms_ += costs_.cost(rows + 1) - (rows == 0 ? 0 : costs_.cost(rows));
    ++rows;
  }
  double ms() const { return ms_; }

 private:
  const BatchCosts& costs_;
  std::vector<std::size_t> rows_;  // of each batch
  double ms_ = 0;
};

}  // namespace

std::size_t DraftPlanner::rows_worth(std::span<const double> best_first, std::size_t answers) const {
  const std::size_t room = BatchCosts::rows_max > answers ? BatchCosts::rows_max - answers : 0;
  const std::size_t rows_max = std::min(best_first.size(), room);
  if (rows_max == 0 || mode_ == DraftMode::on) return rows_max;
  double tokens = static_cast<double>(answers);
  double best = gain_min * tokens / costs_.cost(answers);
  std::size_t worth = 0;
  for (std::size_t rows = 1; rows <= rows_max; ++rows) {
    tokens += best_first[rows - 1];
    const double speed = tokens / costs_.cost(answers + rows);
    if (speed <= best) continue;
    best = speed;
    worth = rows;
  }
  return worth;
}

std::vector<std::size_t> DraftPlanner::plan(std::span<const std::vector<double>> odds) const {
  std::vector<std::size_t> counts(odds.size(), 0);
  if (mode_ == DraftMode::off) return counts;
  const std::vector<Row> rows = best_first_of(odds);
  if (rows.empty()) return counts;
  std::vector<double> best_first;
  for (const Row& row : rows) best_first.push_back(row.odds);
  const std::size_t worth = rows_worth(best_first, odds.size());
  for (std::size_t row = 0; row < worth; ++row) ++counts[rows[row].answer];
  return counts;
}

// As for texts, with the time of proposing beside that of the larger batch.
PlannedAsks DraftPlanner::plan_asks(std::span<const std::vector<double>> odds, const PlannedBatch& before,
                                    const BatchCosts& proposing, double price) const {
  PlannedAsks asks{.counts = std::vector<std::size_t>(odds.size(), 0)};
  if (mode_ == DraftMode::off || before.rows == 0 || before.rows >= BatchCosts::rows_max) return asks;
  std::vector<Row> rows = best_first_of(odds);
  rows.resize(std::min(rows.size(), BatchCosts::rows_max - before.rows));
  const double plain = before.tokens / costs_.cost(before.rows);
  double best = gain_min * plain, tokens = before.tokens;
  ProposingTime time(proposing);
  std::vector<std::size_t> counts = asks.counts;
  for (std::size_t added = 0; added < rows.size(); ++added) {
    const Row& row = rows[added];
    tokens += row.odds;
    time.add(counts[row.answer]++);
    const double ms = costs_.cost(before.rows + added + 1) + price * time.ms();
    if (!always() && tokens / ms <= best) continue;
    best = tokens / ms;
    asks = {.counts = counts, .saved_ms = tokens / plain - ms};
  }
  return asks;
}

}  // namespace fovea::llama
