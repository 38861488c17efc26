// Any bytes as a stored record, as the fields of one, or as what a ByteReader reads. The first byte chooses among them
// (tests/store/hostile_record.h).
#include <cstdint>
#include <span>

#include "store/hostile_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::check_hostile_record(std::as_bytes(std::span(data, size)));
  return 0;
}
