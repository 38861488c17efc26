#include "profile/tier_worth.h"

#include <algorithm>

#include "profile/request_cost.h"
#include "store/record.h"

namespace fovea {

namespace {
// The record's header and head, and the text of an answer: little beside the wait.
constexpr double framing_bytes = 256;
constexpr double bytes_per_token = 4;
}  // namespace

std::vector<EntryCost> entry_costs(const ModelTimes& model) {
  std::vector<EntryCost> entries;
  const auto add = [&](RecordKind kind, double cost_ms, double bytes) {
    entries.push_back({std::string(to_string(kind)), cost_ms, bytes + framing_bytes});
  };
  add(RecordKind::embedding, model.encode_ms, static_cast<double>(model.tile_bytes));
  if (model.state) {
    const double saved_ms = std::max(model.load.prefill_ms - model.load.question_ms, 0.0);
    add(RecordKind::prefix, saved_ms, static_cast<double>(model.state->bytes));
  }
  add(RecordKind::response, request_ms(model, Found::uncached), model.load.answer_tokens * bytes_per_token);
  return entries;
}

double fetch_ms(const TierTime& tier, double bytes) { return tier.wait_ms + bytes / tier.bytes_per_ms; }

double least_rate(const EntryCost& entry, double wait_ms) {
  return entry.cost_ms > wait_ms ? entry.bytes / (entry.cost_ms - wait_ms) : 0;
}

}  // namespace fovea
