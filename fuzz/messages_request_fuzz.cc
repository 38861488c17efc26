// Any bytes as a request of Anthropic's Messages API: it must be read, or refused with a message.
#include <cstdint>

#include "serve/anthropic/hostile_messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::serve::anthropic::test::check_hostile_messages({reinterpret_cast<const char*>(data), size});
  return 0;
}
