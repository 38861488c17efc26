// Any bytes as what another server streams: it must fold into an answer that keeps its promises, or not at all.
#include <cstdint>

#include "engine/upstream/hostile_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::check_hostile_stream({reinterpret_cast<const char*>(data), size});
  return 0;
}
