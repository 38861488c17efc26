// The llama.cpp libraries in this process: started once, silenced, and kept from ending the process.
//
// Their log goes to a small buffer instead of stderr, so that an error can say why. While an AbortGuard lives
// on a thread, a failed GGML_ASSERT on that thread is thrown as Abort instead of ending the process. What the
// library was computing on is in an unknown state after an Abort, and its result must not be used.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea::llama {

// Loads every installed ggml backend and takes over the log. Thread-safe; the first call does the work.
void start_backend();

// The library's last warning or error lines, a few at most; empty if there were none. Clears them.
// Thread-safe.
std::string take_complaint();

// An Error with Fault::internal: libllama failed while `doing`, because of `why` or else its last complaint.
std::unexpected<Error> engine_failure(std::string_view doing, std::string_view why = {});

struct Abort : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Guards may be nested.
class AbortGuard {
 public:
  AbortGuard();
  ~AbortGuard();
  AbortGuard(const AbortGuard&) = delete;
  AbortGuard& operator=(const AbortGuard&) = delete;
};

}  // namespace fovea::llama
