// check(): a broken invariant of our own code ends the process, in release builds too, with the place and the sentence.
// Never for input: what a user, file or peer can cause is a Result.
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
