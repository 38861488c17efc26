// SPDX-License-Identifier: Apache-2.0

// Result: what every fallible operation of Fovea returns: a value, or an Error that tells a person what to
// do.
//
// An expected failure is a value here, never an exception. Exceptions of foreign code are caught in the
// folder that wraps it. A miss, a bypass or a rejection is not an error and has its own value. Plain values.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fovea {

// The kind of a failure: a small closed set, so that callers can map it to an exit code, an HTTP status or a
// counter.
enum class Fault : std::uint8_t {
  invalid,      // the caller's input is wrong; the same call will fail again
  unsupported,  // understood, but this build, model or interface does not do it
  too_large,    // above a documented limit
  not_found,    // a file or name that does not exist
  corrupt,      // stored or received bytes failed their check
  unavailable,  // a device, file or peer does not answer; a later retry may help
  cancelled,    // the caller asked to stop
  timed_out,    // not done by the deadline that the caller gave
  internal,     // a foreign library failed in a way it should not
};

// The fault's name, such as "not_found".
std::string_view to_string(Fault fault);

// By how much a prompt is longer than the model's context.
struct ContextOverflow {
  std::uint32_t prompt_tokens;
  std::uint32_t context_tokens;
  bool at_least = false;  // so long that its tokens were not counted: it has these or more
  friend bool operator==(const ContextOverflow&, const ContextOverflow&) = default;
};

// What a failed operation returns.
struct Error {
  Fault fault;                              // for the program
  std::string message;                      // a sentence: what is wrong, with the numbers, and what to do
  std::optional<ContextOverflow> overflow;  // of a prompt that does not fit the context
};

template <typename T>
using Result = std::expected<T, Error>;

// The failed Result of any type: `return fail(Fault::invalid, "...");`
inline std::unexpected<Error> fail(Fault fault, std::string message) {
  return std::unexpected(Error{fault, std::move(message)});
}

}  // namespace fovea
