#include "engine/llama/synth/synth_tensors.h"

namespace fovea::llama {

std::uint32_t file_type_number(std::int32_t type) {
  switch (type) {
    case GGML_TYPE_F32:
      return 0;
    case GGML_TYPE_Q4_0:
      return 2;
    case GGML_TYPE_Q4_1:
      return 3;
    case GGML_TYPE_Q8_0:
      return 7;
    case GGML_TYPE_Q5_0:
      return 8;
    case GGML_TYPE_Q5_1:
      return 9;
    case GGML_TYPE_Q4_K:
      return 15;
    case GGML_TYPE_Q5_K:
      return 17;
    case GGML_TYPE_Q6_K:
      return 18;
    case GGML_TYPE_BF16:
      return 32;
    default:
      return 1;
  }
}

}  // namespace fovea::llama
