// Any bytes as a request's head and chunks: read the same in one piece and byte by byte.
#include <cstdint>

#include "serve/http/message/hostile_http.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::serve::test::check_hostile_http({reinterpret_cast<const char*>(data), size});
  return 0;
}
