// Any bytes as the event stream of another server: they must fold into a complete answer, or be refused.
#include <cstdint>

#include "engine/upstream/hostile_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::check_hostile_stream({reinterpret_cast<const char*>(data), size});
  return 0;
}
