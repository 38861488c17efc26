// Any bytes as a multipart/form-data body: fields inside of it, or none.
#include <cstdint>

#include "serve/http/message/hostile_form.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::serve::test::check_hostile_form({reinterpret_cast<const char*>(data), size});
  return 0;
}
