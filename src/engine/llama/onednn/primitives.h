// Primitives: everything of oneDNN that the works of one model share. Used by the thread that offers nodes.
#pragma once

#include "engine/llama/onednn/packing.h"
#include "engine/llama/onednn/product.h"

namespace fovea::llama {

struct Primitives {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  Products products{engine};
  RowPackings row_packings{engine};
};

}  // namespace fovea::llama
