// Any bytes as an answer that may call tools, in each form: however it is cut, the same is read in it.
#include <cstdint>

#include "engine/tools/hostile_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::test::check_hostile_answer({reinterpret_cast<const char*>(data), size});
  return 0;
}
