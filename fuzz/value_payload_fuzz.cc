// Any bytes as the payload of a value (tests/store/value/hostile_value.h).
#include <cstdint>
#include <span>

#include "store/value/hostile_value.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::check_hostile_value(std::as_bytes(std::span(data, size)));
  return 0;
}
