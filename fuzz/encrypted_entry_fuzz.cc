// Any bytes as the payload of an encrypted entry (tests/tier/encryption/hostile_encrypted.h).
#include <cstdint>
#include <span>

#include "tier/encryption/hostile_encrypted.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::test::check_hostile_encrypted(std::as_bytes(std::span(data, size)));
  return 0;
}
