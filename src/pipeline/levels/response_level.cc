// A flight carries the record, not the answer: whoever joins it takes it exactly as if it had been found. A
// request that gets a flight of its own asks the store again first, since the flight before it may have ended
// in between.
#include "pipeline/levels/response_level.h"

#include <algorithm>
#include <format>
#include <string>
#include <utility>

#include "pipeline/timed.h"

namespace fovea {

Bypass ResponseLevel::bypass(const CacheUse& cache, bool deterministic) const {
  if (!on_) return Bypass::off;
  if (!cache.read && !cache.write) return Bypass::no_cache;
  return deterministic ? Bypass::none : Bypass::random;
}

bool ResponseLevel::find(const ResponseUse& use, ResponseWork& work, RequestReport& report) const {
  if (!use.key) return false;
  if (!use.cache.read || use.no_cache_read) {
    report.response_bypass = use.cache.read ? Bypass::no_cache_read : Bypass::no_read;
    return false;
  }
  std::optional<Record> stored;
  {
    const Timed timed(report.times.lookup_ms);
    report.response = Outcome::miss;
    stored = store_.find(*use.key, use.scope.id, use.limits);
  }
  return stored && take(use, *stored, work, report);
}

bool ResponseLevel::take(const ResponseUse& use, const Record& stored, ResponseWork& work,
                         RequestReport& report) const {
  // Clocks are set back
  const double age_s = std::max(0.0, clock_.now_ms() - stored.header.made_unix_ms) / 1000;
  if (use.cache.age_max_s && age_s > *use.cache.age_max_s) {
    report.response_note = ResponseNote::too_old;
    return false;
  }
  if (!work.accept(stored)) return false;
  const double cost_ms = stored.header.cost_ms;
  report.response = Outcome::hit;
  report.response_age_s = age_s;
  report.response_note = ResponseNote::none;
  report.prefix_bypass = report.embedding_bypass = Bypass::response_hit;
  report.saved_ms += cost_ms;
  report.lookups.push_back({CacheLevel::response, *use.key, Outcome::hit, stored.payload.size(), cost_ms,
                            store_.importance(*use.key), stored.found_in});
  if (coherence_ != nullptr) coherence_->accessed(*use.key);
  work.replay();
  return true;
}

std::unexpected<Error> ResponseLevel::not_stored(const RequestReport& report) {
  std::string why = describe(report.response_bypass, CacheLevel::response);
  if (report.response_note == ResponseNote::too_old) why = "it is older than the request allows";
  return fail(Fault::not_found,
              std::format("no stored answer, and the request asked for no other{}{}", why.empty() ? "" : ": ", why));
}

Result<void> ResponseLevel::compute(const ResponseUse& use, ResponseWork& work, RequestReport& report,
                                    std::stop_token stop) {
  if (!use.shares()) return compute_alone(use, work, report);
  std::optional<Result<void>> own;
  const auto compute_it = [&]() -> Result<Blob> {
    if (store_.contains(*use.key) && find(use, work, report)) {
      own.emplace();
      return Blob();
    }
    own = work.compute();
    if (!*own) return std::unexpected(own->error());
    return work.record();
  };
  const auto publish = [&](const Blob& record) {
    if (!record.empty()) store(use, record, work, report);
  };
  const Stopwatch waiting;
  const auto shared = in_flight_.run(use.flight, compute_it, publish, std::move(stop));
  if (own) return *own;
  if (!shared) return std::unexpected(shared.error());
  report.times.wait_ms += waiting.elapsed_ms();
  if (join(use, shared->value, work, report)) return {};
  return compute_alone(use, work, report);
}

// The answer that another request has just computed: found by now, or handed over where the store did not
// admit it.
bool ResponseLevel::join(const ResponseUse& use, const Blob& shared, ResponseWork& work, RequestReport& report) const {
  bool joined = find(use, work, report);
  if (!joined && !shared.empty()) {
    const auto record = view_record(shared);
    joined = record && take(use, *record, work, report);
  }
  if (joined) report.response_note = ResponseNote::joined;
  return joined;
}

Result<void> ResponseLevel::compute_alone(const ResponseUse& use, ResponseWork& work, RequestReport& report) {
  if (auto computed = work.compute(); !computed || !use.key) return computed;
  if (const auto record = work.record(); record && !record->empty()) store(use, *record, work, report);
  return {};
}

// Tells of the answer, and keeps it where the request lets.
void ResponseLevel::store(const ResponseUse& use, const Blob& record, const ResponseWork& work, RequestReport& report) {
  const Timed timed(report.times.store_ms);
  const auto view = view_record(record);
  if (!view) return;
  report.lookups.insert(report.lookups.begin(), {CacheLevel::response, *use.key, report.response, view->payload.size(),
                                                 view->header.cost_ms, report.importance});
  if (!use.cache.write) return;
  report.response_stored = store_.insert(*use.key, record, {.tenant = use.scope.tenant, .images = use.image_keys});
  if (coherence_ != nullptr) coherence_->stored(*use.key, view->header.importance, work.made_from());
}

}  // namespace fovea
