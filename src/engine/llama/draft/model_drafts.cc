// Two costs are weighed. Proposing comes with every step: the planner sets it against the tokens that it is
// expected to add. Reading a conversation comes once, and pays only if the answer goes on for long enough,
// which nobody knows. So it is read when the answer has lost as much time by not having been read: then the
// loss is at most twice that of somebody who had known (the ski rental problem).
#include "engine/llama/draft/model_drafts.h"

#include <algorithm>
#include <numeric>
#include <ranges>

#include "base/clock.h"

namespace fovea::llama {

namespace {

// So much of a text is read together with the first proposal and is not weighed.
constexpr std::size_t read_along = 8;
// With every step in which the model is too dear, it counts as so much cheaper, so that times which were
// measured on a busy machine do not turn it off for good: it is tried again after a thousand steps or so.
constexpr double cheaper = 0.9995;

}  // namespace

std::vector<double> ModelDrafts::odds_of(const OpenAnswer& answer) const {
  if (!model_.fits(answer.drafts.text().size() + answer.tokens_max)) return {};
  const ModelTrust& trust = answer.drafts.trust();
  return trust.odds(planner_.always() ? answer.tokens_max : std::min(answer.tokens_max, trust.asked_max()));
}

bool ModelDrafts::pays_to_read(const OpenAnswer& answer, double saved_ms) const {
  ModelTrust& trust = answer.drafts.trust();
  const std::size_t unread = model_.unread(answer.sequence, answer.drafts.text());
  if (unread <= read_along) trust.read_all();
  if (unread <= read_along || planner_.always()) return true;
  trust.miss(saved_ms);
  return trust.missed_ms() >= model_.read_ms(unread);
}

void ModelDrafts::ask(std::span<OpenAnswer> answers, const PlannedBatch& before) {
  if (!model_.works() || answers.empty()) return;
  std::vector<std::vector<double>> odds;
  for (const OpenAnswer& answer : answers) odds.push_back(odds_of(answer));
  const PlannedAsks planned = planner_.plan_asks(odds, before, model_.costs(), price_);
  const auto tokens = std::accumulate(planned.counts.begin(), planned.counts.end(), std::size_t{0});
  const bool could_ask = !std::ranges::all_of(odds, &std::vector<double>::empty);
  if (could_ask) price_ = tokens > 0 ? 1 : price_ * cheaper;

  std::vector<DraftAsk> asks;
  std::vector<OpenAnswer*> asking;
  for (auto&& [answer, count] : std::views::zip(answers, planned.counts)) {
    const double saved_ms =
        count == 0 ? 0 : planned.saved_ms * static_cast<double>(count) / static_cast<double>(tokens);
    if (count == 0) answer.drafts.trust().pass_over();
    if (count == 0 || !pays_to_read(answer, saved_ms)) continue;
    asks.push_back({.sequence = answer.sequence, .text = answer.drafts.text(), .tokens_max = count});
    asking.push_back(&answer);
  }
  if (asks.empty()) return;
  const Stopwatch proposing;
  model_.propose(asks);
  const double share_ms = proposing.elapsed_ms() / static_cast<double>(asks.size());
  for (auto&& [answer, ask] : std::views::zip(asking, asks)) {
    answer->spent_ms = share_ms;
    if (ask.answered) answer->drafts.draft_proposed(ask.proposed, ask.tokens_max);
  }
}

}  // namespace fovea::llama
