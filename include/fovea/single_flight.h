// SPDX-License-Identifier: Apache-2.0

// SingleFlight: several callers that need the same value at the same time compute it once.
//
// The first caller of a key computes. Callers that come during the computation join it and wait for its
// value. If the computation fails, is cancelled or throws, only its own caller is told, and one of the
// waiting callers computes next: one failure never reaches many callers. Every caller computes at most once.
// SingleFlight keeps no value after the last caller has it. Thread-safe. A value is published (for example
// stored in a cache) before waiting callers get it. No caller can join once publishing has started; a later
// caller computes anew. So no caller gets a value that was replaced or erased before its call.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"

namespace fovea {

class SingleFlight {
 public:
  // Starts with no computation.
  SingleFlight();
  ~SingleFlight();  // REQUIRES: no call of run() is active

  // The value that run() returns.
  struct Shared {
    Blob value;   // what was computed
    bool joined;  // another caller computed it
  };

  // The value of `key`, computed by this caller or by the one that it joined. `compute`, and then `publish`
  // with its value, run on the calling thread without locks. They may call run() for other keys.
  // Faults: those of this caller's own `compute`; cancelled when `stop` is requested while waiting.
  Result<Shared> run(const Key& key, const std::function<Result<Blob>()>& compute,
                     const std::function<void(const Blob&)>& publish, std::stop_token stop = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea
