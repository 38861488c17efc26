// Any bytes as a pack of entries (tests/store/hostile_pack.h).
#include <cstdint>
#include <span>

#include "store/hostile_pack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::check_hostile_pack(std::as_bytes(std::span(data, size)));
  return 0;
}
