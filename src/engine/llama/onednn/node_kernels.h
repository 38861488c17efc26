// NodeKernels: computes the large matrix products and the attention of ggml's graphs with oneDNN, whatever
// the model's architecture is.
//
// A graph's builder is libmtmd's or libllama's. Each node is offered before the graph is computed. One that
// is taken becomes a GGML_OP_CUSTOM node, with the same sources and the same result, and ggml's threads
// compute it in its turn. All else stays ggml's. What is computed depends on the shapes and the weights
// alone, not on the number of threads or on what ran before.
//
// Used by the thread that computes the graphs of one context. Outlives the context. Borrows the weights.
#pragma once

#include <ggml.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace fovea::llama {

class NodeKernels {
 public:
  // Fewer rows are left to ggml: reading the weight then takes longer than computing, and packed it is
  // larger. On two cores with AVX-512, 16 rows of a small model took 15 ms as bfloat16, 23 ms as float32, 46
  // ms by ggml; 4 rows 19, 34 and 22 ms. Between these, answers side by side and drafts keep the kernels of
  // a single token.
  static constexpr std::int64_t rows_min = 16;
  // Of attention: preparing the keys takes as long as computing with few queries.
  static constexpr std::int64_t queries_min = 32;

  // bfloat16: quantised weights, and the values of attention, are multiplied as such; all else is, and
  // otherwise everything, as float32. `threads`: that compute the graphs, at most.
  NodeKernels(bool bfloat16, std::int32_t threads);
  ~NodeKernels();
  NodeKernels(const NodeKernels&) = delete;
  NodeKernels& operator=(const NodeKernels&) = delete;

  // Takes `node` if it can be computed here, and says whether it was. To be called before each computation of
  // a graph, for each of its nodes. Throws dnnl::error and std::bad_alloc; the node is ggml's then.
  bool offer(ggml_tensor& node);

  // Why a node could not be computed since the last call. The graph's results must not be used then.
  std::optional<std::string> take_failure();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea::llama
