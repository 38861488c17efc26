// SPDX-License-Identifier: Apache-2.0

#include "stats.h"

#include <format>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "base/units.h"

namespace fovea::python {

namespace {

// Of a tier: what it did with values of this kind, the only one that a Store has.
const TierUse& use_of(const TierStats& stats) { return stats.use[static_cast<std::size_t>(RecordKind::value) - 1]; }

template <typename T>
auto field(T LevelStats::* member) {
  return [member](const Stats& stats) { return stats.memory.*member; };
}

template <typename T>
auto tier_field(T TierUse::* member) {
  return [member](const TierStats& stats) { return use_of(stats).*member; };
}

bool is_failing(const TierStats& stats) {
  return stats.reading != BreakerState::closed || stats.writing != BreakerState::closed;
}

std::string tier_name(const TierStats& stats) { return std::string(to_string(stats.kind)); }

std::string repr_of(const Stats& stats) {
  const LevelStats& memory = stats.memory;
  std::string text = std::format("<fovea.Stats {} hits, {} misses, {} entries, {} of {}", memory.hits, memory.misses,
                                 memory.entries, format_bytes(memory.bytes), format_bytes(memory.bytes_max));
  for (const TierStats& tier : stats.tiers)
    text += std::format("; {}: {} hits, {} misses", tier_name(tier), use_of(tier).hits, use_of(tier).misses);
  return text + ">";
}

// With what kept values from being found or written, where anything did.
std::string tier_repr(const TierStats& stats) {
  const TierUse& use = use_of(stats);
  std::string text = std::format("<fovea.TierStats {} {} hits, {} misses, {} written", tier_name(stats), use.hits,
                                 use.misses, use.written);
  const std::pair<std::uint64_t, std::string_view> others[] = {{use.skipped, "skipped"},
                                                               {use.failed, "failed"},
                                                               {use.not_worth, "not worth writing"},
                                                               {use.write_failed, "not written"},
                                                               {stats.write_behind.dropped, "dropped"},
                                                               {stats.write_behind.entries, "queued"}};
  for (const auto& [count, what] : others) {
    if (count > 0) text += std::format(", {} {}", count, what);
  }
  return text + (is_failing(stats) ? ", failing>" : ">");
}

void bind_tier_stats(nb::module_& module) {
  nb::class_<TierStats>(module, "TierStats", nb::is_final(), "What one tier did for a store, and what it holds.")
      .def_prop_ro("name", &tier_name)
      .def_prop_ro("hits", tier_field(&TierUse::hits))
      .def_prop_ro("misses", tier_field(&TierUse::misses))
      .def_prop_ro("skipped", tier_field(&TierUse::skipped))
      .def_prop_ro("failed", tier_field(&TierUse::failed))
      .def_prop_ro("hit_bytes", tier_field(&TierUse::hit_bytes))
      .def_prop_ro("hit_ms", tier_field(&TierUse::hit_ms))
      .def_prop_ro("saved_ms", tier_field(&TierUse::saved_ms))
      .def_prop_ro("written", tier_field(&TierUse::written))
      .def_prop_ro("written_bytes", tier_field(&TierUse::written_bytes))
      .def_prop_ro("not_worth", tier_field(&TierUse::not_worth))
      .def_prop_ro("write_failed", tier_field(&TierUse::write_failed))
      .def_prop_ro("entries", [](const TierStats& stats) { return use_of(stats).content.entries; })
      .def_prop_ro("bytes", [](const TierStats& stats) { return use_of(stats).content.bytes; })
      .def_prop_ro("bytes_max", [](const TierStats& stats) { return use_of(stats).content.bytes_max; })
      .def_prop_ro("queued", [](const TierStats& stats) { return stats.write_behind.entries; })
      .def_prop_ro("dropped", [](const TierStats& stats) { return stats.write_behind.dropped; })
      .def_prop_ro("doubtful",
                   [](const TierStats& stats) {
                     return std::accumulate(stats.doubtful.begin(), stats.doubtful.end(), std::uint64_t{0});
                   })
      .def_prop_ro("failing", &is_failing)
      .def_prop_ro("last_fault", [](const TierStats& stats) { return stats.last_fault; })
      .def("__repr__", &tier_repr);
}

}  // namespace

void bind_stats(nb::module_& module) {
  bind_tier_stats(module);
  nb::class_<Stats>(module, "Stats", nb::is_final(), "Counters since a level or store was made, and what memory holds.")
      .def_prop_ro("hits", field(&LevelStats::hits))
      .def_prop_ro("misses", field(&LevelStats::misses))
      .def_prop_ro("joined", field(&LevelStats::joined))
      .def_prop_ro("insertions", field(&LevelStats::insertions))
      .def_prop_ro("bypasses", field(&LevelStats::bypasses))
      .def_prop_ro("evictions", field(&LevelStats::evictions))
      .def_prop_ro("saved_ms", field(&LevelStats::saved_ms))
      .def_prop_ro("entries", field(&LevelStats::entries))
      .def_prop_ro("bytes", field(&LevelStats::bytes))
      .def_prop_ro("bytes_max", field(&LevelStats::bytes_max))
      .def_prop_ro("in_use_bytes", field(&LevelStats::in_use_bytes))
      .def_prop_ro("tiers", [](const Stats& stats) { return stats.tiers; })
      .def("__repr__", &repr_of);
}

}  // namespace fovea::python
