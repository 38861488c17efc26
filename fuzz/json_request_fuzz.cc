// Any bytes as a request: it must be read, relayed unchanged in meaning, or refused with a message.
#include <cstdint>

#include "serve/openai/hostile_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::serve::test::check_hostile_request({reinterpret_cast<const char*>(data), size});
  return 0;
}
