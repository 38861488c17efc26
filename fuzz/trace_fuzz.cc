// Any bytes as a trace, a set of questions, a model profile or a workload: the readers must return a value,
// or an error with a message. The first byte chooses among them (tests/trace/hostile_bytes.h).
#include <cstdint>
#include <string>

#include "trace/hostile_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::check_hostile(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
