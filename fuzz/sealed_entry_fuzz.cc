// Any bytes as a sealed entry, or as the fields of one. The first byte chooses among them
// (tests/store/hostile_entry.h).
#include <cstdint>
#include <span>

#include "store/hostile_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::check_hostile_entry(std::as_bytes(std::span(data, size)));
  return 0;
}
