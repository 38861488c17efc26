#include "engine/llama/onednn/graph_kernels.h"

#include <exception>

namespace fovea::llama {

bool GraphKernels::on_node(ggml_tensor* node, bool ask, void* self) {
  auto& [kernels, next, next_data] = *static_cast<GraphKernels*>(self);
  if (!ask) return next == nullptr || next(node, false, next_data);
  // The other callback sees the node as it was built.
  const bool wanted = next != nullptr && next(node, true, next_data);
  try {
    if (kernels) kernels->offer(*node);
  } catch (const std::exception&) {
    // What cannot be prepared is ggml's. Through libmtmd an exception would leave its context half set up.
    return wanted;
  }
  return wanted;
}

}  // namespace fovea::llama
