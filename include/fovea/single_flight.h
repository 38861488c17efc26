// SPDX-License-Identifier: Apache-2.0

// SingleFlight: identical work that is under way is joined instead of repeated.
//
// The first caller of a key computes; those who come while it does wait for its value. If the one who computes fails, is
// cancelled or throws, its caller learns so, and one of the waiting goes on with its own computation: a failure is never
// multiplied. Every caller computes at most once. Holds no value after the last caller has it. Thread-safe.
// A value is published (put into a cache, say) before the flight lands, and nobody boards once that begins: who comes later
// starts anew, so that no caller gets a value that was replaced or erased before its call.
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
  // With nothing under way.
  SingleFlight();
  ~SingleFlight();  // REQUIRES: no caller is inside

  // What a caller gets.
  struct Shared {
    Blob value;   // what was computed
    bool joined;  // another caller computed it
  };

  // The value of `compute()`, by this caller or by the one who was at `key` already. `compute`, and `publish` with what it gave,
  // run on the calling thread, without locks; they may run other keys.
  // Faults: those of this caller's own `compute`; cancelled when `stop` is requested while waiting.
  Result<Shared> run(const Key& key, const std::function<Result<Blob>()>& compute,
                     const std::function<void(const Blob&)>& publish, std::stop_token stop = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea
