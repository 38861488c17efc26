#include "base/check.h"

#include <cstdio>
#include <cstdlib>
#include <print>

namespace fovea {

void check_failed(std::string_view invariant, std::source_location where) {
  std::println(stderr, "fovea: broken invariant: {} ({}:{})", invariant, where.file_name(), where.line());
  std::abort();
}

}  // namespace fovea
