// ResponseLevel: finished answers, found, computed once for all who ask for the same at a time, and stored.
//
// Pipeline and Relay use it alike: what an answer is, and how a stored one is given out, is the business of a
// ResponseWork. The level owns its flights and its part of the report; its store and the coherence are lent
// to it. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>

#include "base/clock.h"
#include "fovea/coherence.h"
#include "fovea/single_flight.h"
#include "pipeline/cache_use.h"
#include "pipeline/levels/scope.h"
#include "pipeline/request_report.h"
#include "store/store.h"

namespace fovea {

// What one request may do at the level. Borrows everything.
struct ResponseUse {
  std::optional<Key> key;  // absent: the level is bypassed
  Key flight;              // requests of the same one wait for each other
  const CacheUse& cache;
  bool no_cache_read = false;
  const Scope& scope;
  std::span<const Key> image_keys;
  WaitLimits limits = {};  // of looking for a stored answer

  // A request that may not read or may not write the cache shares nothing with others.
  bool shares() const { return key && cache.read && cache.write && !no_cache_read; }
};

// How a request makes its answer, and gives out a stored one. Used by one thread.
class ResponseWork {
 public:
  virtual ~ResponseWork() = default;
  // Whether a stored answer can serve this request; then it is kept for replay().
  virtual bool accept(const Record& stored) = 0;
  // Gives out the answer that was accepted. The report tells of it by then.
  virtual void replay() = 0;
  // Makes the answer.
  virtual Result<void> compute() = 0;
  // The answer that was made, as a record; empty where it is this request's alone and those who wait make
  // their own. A fault where it is none that others should wait for.
  virtual Result<Blob> record() = 0;
  // The embeddings that it was made from.
  virtual std::span<const Key> made_from() const { return {}; }
};

class ResponseLevel {
 public:
  // `clock` is the wall clock by which answers age. No coherence: nothing is told of importance.
  ResponseLevel(Store& store, bool on, Coherence* coherence, const Clock& clock)
      : store_(store), on_(on), coherence_(coherence), clock_(clock) {}

  // Why the level is neither asked nor told. `deterministic`: asking twice gives the same answer.
  Bypass bypass(const CacheUse& cache, bool deterministic) const;

  // Whether a stored answer was found and replayed. Counted, and told in `report`.
  bool find(const ResponseUse& use, ResponseWork& work, RequestReport& report) const;

  // The fault of a request that find() found nothing for and that wants a stored answer only: not_found,
  // with why there is none.
  static std::unexpected<Error> not_stored(const RequestReport& report);

  // Computes the answer and stores it, or takes the one that another request computes meanwhile.
  // Faults: those of the work; cancelled while waiting.
  Result<void> compute(const ResponseUse& use, ResponseWork& work, RequestReport& report, std::stop_token stop);

  std::size_t purge(const Key& tenant) { return store_.purge(tenant); }
  std::size_t purge(const Key& tenant, const Key& image) { return store_.purge(tenant, image); }
  LevelStats stats() const { return store_.stats(); }

 private:
  Result<void> compute_alone(const ResponseUse& use, ResponseWork& work, RequestReport& report);
  bool take(const ResponseUse& use, const Record& stored, ResponseWork& work, RequestReport& report) const;
  bool join(const ResponseUse& use, const Blob& shared, ResponseWork& work, RequestReport& report) const;
  void store(const ResponseUse& use, const Blob& record, const ResponseWork& work, RequestReport& report);

  Store& store_;
  const bool on_;
  Coherence* const coherence_;
  const Clock& clock_;
  SingleFlight in_flight_;
};

}  // namespace fovea
