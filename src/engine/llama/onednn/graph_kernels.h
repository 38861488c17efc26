// GraphKernels: the callback of a context that offers each node of its graphs to NodeKernels, and then asks
// another callback, which may watch the graph.
//
// Used by the thread that computes the context's graphs. Outlives the context.
#pragma once

#include <ggml-backend.h>

#include <memory>
#include <optional>
#include <string>

#include "engine/llama/onednn/node_kernels.h"

namespace fovea::llama {

class GraphKernels {
 public:
  // `kernels` may be null: then all nodes are ggml's. `next` may be null too; it is called with `next_data`.
  GraphKernels(std::unique_ptr<NodeKernels> kernels, ggml_backend_sched_eval_callback next, void* next_data)
      : kernels_(std::move(kernels)), next_(next), next_data_(next_data) {}

  // The callback and its user data, for the parameters of a context.
  static bool on_node(ggml_tensor* node, bool ask, void* self);

  // As in NodeKernels.
  std::optional<std::string> take_failure() { return kernels_ ? kernels_->take_failure() : std::nullopt; }

 private:
  std::unique_ptr<NodeKernels> kernels_;
  ggml_backend_sched_eval_callback next_;
  void* next_data_;
};

}  // namespace fovea::llama
