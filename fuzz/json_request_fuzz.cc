// Any bytes as a request: it must be read, sent on as the same question, or refused in words.
#include <cstdint>

#include "serve/openai/hostile_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::serve::test::check_hostile_request({reinterpret_cast<const char*>(data), size});
  return 0;
}
