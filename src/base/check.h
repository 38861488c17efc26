// check(): ends the process when an invariant of our own code is broken, in release builds too, with the
// sentence and the place. Never for input: what a user, a file or a peer can cause is a Result. Thread-safe.
#pragma once

#include <source_location>
#include <string_view>

namespace fovea {

[[noreturn]] void check_failed(std::string_view invariant, std::source_location where);

inline void check(bool holds, std::string_view invariant,
                  std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    check_failed(invariant, where);
}

}  // namespace fovea
