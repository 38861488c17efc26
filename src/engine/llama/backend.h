// The llama.cpp libraries as a guest in this process: started once, kept quiet, and kept from ending it.
//
// Their log goes to a small buffer instead of stderr, so that an error can say why. While an AbortGuard lives on a
// thread, a failed GGML_ASSERT on that thread is thrown as Abort instead of ending the process. A guarded model or
// context is in an unknown state after an Abort: it must be given up, never used again.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea::llama {

// Loads every installed ggml backend and takes over the log. Thread-safe; the first call does the work.
void start_backend();

// The library's last complaint (warning or error lines, a few at most), and forgets it; empty if there was none.
// Thread-safe.
std::string take_complaint();

// Fault internal: libllama failed while `doing`; `why`, or else its last complaint.
std::unexpected<Error> engine_failure(std::string_view doing, std::string_view why = {});

struct Abort : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class AbortGuard {
 public:
  AbortGuard();
  ~AbortGuard();
  AbortGuard(const AbortGuard&) = delete;
  AbortGuard& operator=(const AbortGuard&) = delete;
};

}  // namespace fovea::llama
