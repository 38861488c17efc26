// SPDX-License-Identifier: Apache-2.0

// Result: how every fallible operation of Fovea answers. A value, or an Error that tells a person what to do.
//
// Expected failure is a value here, never an exception: exceptions of foreign code are caught in the folder that wraps
// it. A miss, a bypass or a rejection is not an error and has its own value.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace fovea {

// What kind of failure it was: a small closed set, so that callers can map it (to an exit code, an HTTP status, a
// counter).
enum class Fault : std::uint8_t {
  invalid,      // the caller's input is wrong; asking again unchanged cannot help
  unsupported,  // understood, but not something this build, model or interface does
  too_large,    // over a documented limit
  not_found,    // a file or name that does not exist
  corrupt,      // stored or received bytes failed their check
  unavailable,  // a device, file or peer does not answer; retry later may help
  cancelled,    // the caller asked to stop
  timed_out,    // not done by the time that the caller gave
  internal,     // a foreign library failed in a way it should not
};

// The fault's name as it is printed, such as "not_found".
std::string_view to_string(Fault fault);

// What a failed operation says.
struct Error {
  Fault fault;          // for the program
  std::string message;  // a sentence: what is wrong, with the numbers, and what to do
};

template <typename T>
using Result = std::expected<T, Error>;

// The failed Result of any type: `return fail(Fault::invalid, "...");`
inline std::unexpected<Error> fail(Fault fault, std::string message) {
  return std::unexpected(Error{fault, std::move(message)});
}

}  // namespace fovea
