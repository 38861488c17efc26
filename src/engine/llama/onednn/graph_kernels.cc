#include "engine/llama/onednn/graph_kernels.h"

namespace fovea::llama {

bool GraphKernels::on_node(ggml_tensor* node, bool ask, void* self) {
  auto& [kernels, next, next_data] = *static_cast<GraphKernels*>(self);
  if (!ask) return next == nullptr || next(node, false, next_data);
  // The other callback sees the node as it was built.
  const bool wanted = next != nullptr && next(node, true, next_data);
  if (kernels) kernels->offer(*node);
  return wanted;
}

}  // namespace fovea::llama
