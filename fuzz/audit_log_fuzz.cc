// Any bytes as a log: it must be read, or refused with a message, and what is handed out must be sound. The
// first byte names the format (tests/audit/log/hostile_log.h).
#include <cstdint>
#include <string>

#include "audit/log/hostile_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::test::check_hostile_log(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
