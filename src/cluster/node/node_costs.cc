// All tiles of a picture are one entry here: they are made, found and evicted together, nearly always. It
// weighs what those weigh that differ: equal ones have one key. Of several, a server asks for one after
// another, and compares each with one wait: that is left out. A prompt's parts are means over the profile's
// load, so an answer has as many tokens as its time has steps of one token.
#include "cluster/node/node_costs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fovea/level.h"
#include "profile/modelled_times.h"
#include "profile/request_cost.h"
#include "store/purge_index.h"

namespace fovea {

namespace {

constexpr std::uint64_t sealed_bytes = 96;  // around a record in a tier
constexpr double tiling_bytes = 36, tiling_bytes_of_tile = 40;
constexpr double alias_bytes = 40;
constexpr double text_bytes_of_token = 4;
constexpr double response_frame_bytes = 200;
constexpr double ms_min = 1e-6;
// More are told as so many: a file may have any number, and each is a step of a policy for every request.
constexpr std::uint32_t alike_max = 64;

// What `records` records with so much in all of them weigh, each with as many pictures in the purge index.
NodeCosts::Weight weight_of(double cost_ms, double payload, std::uint64_t records = 1, std::size_t pictures = 1) {
  const std::uint64_t bytes = record_header_bytes * records + static_cast<std::uint64_t>(std::llround(payload));
  return {.cost_ms = cost_ms,
          .bytes = bytes + sealed_bytes * records,
          .charged = bytes + (Level::entry_overhead_bytes + PurgeIndex::bytes_of(pictures)) * records};
}

// Files written by hand may have any numbers.
std::uint32_t rounded(double number) {
  constexpr double most = std::numeric_limits<std::uint32_t>::max();
  return number >= 1 ? static_cast<std::uint32_t>(std::min(std::round(number), most)) : 1;
}

void set_weights(const ModelTimes& model, NodeCosts& costs) {
  const auto weight = [&](RecordKind kind) -> NodeCosts::Weight& {
    return costs.weights[static_cast<std::size_t>(kind) - 1];
  };
  const double embedding_bytes = costs.encodes * static_cast<double>(model.tile_bytes);
  weight(RecordKind::embedding) = weight_of(model.load.encode_once_ms, embedding_bytes, costs.encodes);
  weight(RecordKind::tiling) =
      weight_of(model.load.preprocess_ms, tiling_bytes + tiling_bytes_of_tile * std::max(model.tiles, 1U));
  weight(RecordKind::source_alias) = weight_of(model.load.open_ms, alias_bytes, 1, 0);  // no picture's
  weight(RecordKind::response) = weight_of(request_ms(model, Found::uncached),
                                           response_frame_bytes + model.load.answer_tokens * text_bytes_of_token);
  if (!model.state) return;
  weight(RecordKind::prefix) =
      weight_of(std::max(model.load.prefill_ms - model.load.question_ms, 0.0), static_cast<double>(model.state->bytes));
}

}  // namespace

NodeCosts node_costs(const NodeClass& of) {
  const ModelTimes& model = of.times;
  const LoadTimes& load = model.load;
  NodeCosts costs{.hit_ms = load.hit_ms,
                  .around_ms = load.around_ms,
                  .known_around_ms = load.known_around_ms,
                  .open_ms = load.open_ms,
                  .preprocess_ms = load.preprocess_ms,
                  .hash_ms = load.hash_ms,
                  .prefill_ms = load.prefill_ms,
                  .question_ms = load.question_ms,
                  .has_states = model.state.has_value(),
                  .load_ms = model.load_ms,
                  .device = modelled_times({}, model),
                  .kernels = of.kernels};
  costs.encodes = model.encode_ms > 0 ? rounded(load.encode_once_ms / model.encode_ms) : 1;
  costs.encode_ms = load.encode_once_ms / costs.encodes;
  costs.alike = std::min(rounded(static_cast<double>(model.tiles) / costs.encodes), alike_max);
  costs.answer_tokens = rounded(load.generate_ms / std::max(model.decode_ms(), ms_min));
  if (model.state) {
    costs.state_in_ms = model.state->in_ms;
    costs.state_out_ms = model.state->out_ms;
  }
  set_weights(model, costs);
  return costs;
}

namespace {

StoredEntry entry_of(const NodeCosts& costs, RecordKind kind, std::uint64_t picture, std::uint32_t question = 0) {
  const NodeCosts::Weight& weight = costs.weights[static_cast<std::size_t>(kind) - 1];
  return {.kind = kind,
          .key = entry_key(kind, costs.kernels, picture, question),
          .cost_ms = weight.cost_ms,
          .bytes = weight.bytes,
          .charged = weight.charged};
}

}  // namespace

StoredEntry NodeCosts::embedding(std::uint64_t picture) const {
  return entry_of(*this, RecordKind::embedding, picture);
}
StoredEntry NodeCosts::tiling(std::uint64_t picture) const { return entry_of(*this, RecordKind::tiling, picture); }
StoredEntry NodeCosts::alias(std::uint64_t picture) const {
  StoredEntry alias = entry_of(*this, RecordKind::source_alias, picture);
  alias.key = entry_key(RecordKind::source_alias, 0, picture);
  return alias;
}
StoredEntry NodeCosts::prefix(std::uint64_t picture) const { return entry_of(*this, RecordKind::prefix, picture); }
StoredEntry NodeCosts::response(std::uint64_t picture, std::uint32_t question) const {
  return entry_of(*this, RecordKind::response, picture, question);
}

}  // namespace fovea
