// A node is rewritten in place: its operation and the operation's parameters, which name the work. libllama
// computes a graph again without building it where it can. Its nodes are then offered as they are, rewritten,
// and their works begin anew. A node that was built again is a plain one, also at an address known before.
//
// The parameters' layout is the library's own. It is taken from a node that the library made for us.
//
// ggml's barriers order its threads. A checker of threads that does not know these sees the same order in
// `handed_over`: whoever begins to compute comes after everyone who ended before.
#include "engine/llama/onednn/node_kernels.h"

#include <ggml-backend.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <exception>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/owned.h"
#include "engine/llama/onednn/attention_work.h"
#include "engine/llama/onednn/kernel_choice.h"
#include "engine/llama/onednn/matrix_work.h"
#include "engine/llama/onednn/tile_configuration.h"

namespace fovea::llama {

namespace {

using Parameters = decltype(ggml_tensor::op_params);

bool lies_on_host(const ggml_tensor& tensor) {
  const ggml_backend_buffer_t buffer = tensor.view_src != nullptr ? tensor.view_src->buffer : tensor.buffer;
  return tensor.data != nullptr && buffer != nullptr && ggml_backend_buffer_is_host(buffer);
}

bool is_float_matrix(const ggml_tensor& tensor) {
  return tensor.type == GGML_TYPE_F32 && ggml_is_contiguous(&tensor) && lies_on_host(tensor);
}

// A weight that a file has: no result of another node, one matrix, in a layout that ggml can dequantise.
bool is_weight(const ggml_tensor& tensor) {
  const bool readable = tensor.type == GGML_TYPE_F32 || ggml_get_type_traits(tensor.type)->to_float != nullptr;
  return readable && tensor.op == GGML_OP_NONE && tensor.view_src == nullptr && ggml_is_contiguous(&tensor) &&
         tensor.ne[2] == 1 && tensor.ne[3] == 1 && tensor.buffer != nullptr &&
         ggml_backend_buffer_get_usage(tensor.buffer) == GGML_BACKEND_BUFFER_USAGE_WEIGHTS && lies_on_host(tensor);
}

}  // namespace

struct NodeKernels::State {
  // One taken node: the work, and what its parameters were rewritten to.
  struct Taken {
    State& state;
    std::unique_ptr<NodeWork> work;
    Parameters parameters;
  };

  State(bool use_bfloat16, std::int32_t threads) : bfloat16(use_bfloat16) {
    for (std::int32_t i = 0; i < std::max(1, threads); ++i) scratches.emplace_back(primitives.engine);
  }

  const bool bfloat16;
  Primitives primitives;
  std::vector<Scratch> scratches;  // one a thread
  std::unordered_map<const void*, std::unique_ptr<PackedMatrix>> weights;
  std::unordered_map<const ggml_tensor*, std::unique_ptr<Taken>> taken;
  std::uint64_t serial = 0;
  std::atomic<std::uint64_t> handed_over = 0;
  std::mutex failure_mutex;
  std::optional<std::string> failure;

  static void compute(ggml_tensor* node, int thread, int threads, void* taken);
  static void name_work(Taken& taken);
  bool begin_again(ggml_tensor& node);
  bool take(ggml_tensor& node);
  std::unique_ptr<NodeWork> work_for(const ggml_tensor& node);
  PackedMatrix& packed(const ggml_tensor& weight);
};

// Runs on ggml's threads, through which no exception may pass.
void NodeKernels::State::compute(ggml_tensor*, int thread, int, void* taken) {
  auto& [state, work, parameters] = *static_cast<Taken*>(taken);
  const TileConfigurationKept kept;
  state.handed_over.load(std::memory_order_acquire);
  try {
    work->run(state.scratches.at(static_cast<std::size_t>(thread)));
  } catch (const std::exception& error) {
    const std::scoped_lock lock(state.failure_mutex);
    state.failure = error.what();
  }
  state.handed_over.fetch_add(1, std::memory_order_acq_rel);
}

// The parameters are what the library writes into a node that calls compute() with `taken` on all threads.
void NodeKernels::State::name_work(Taken& taken) {
  const ggml_init_params room{.mem_size = 4 * ggml_tensor_overhead(), .mem_buffer = nullptr, .no_alloc = true};
  const Owned<ggml_context, ggml_free> context(ggml_init(room));
  const ggml_tensor* node =
      ggml_custom_4d(context.get(), GGML_TYPE_F32, 1, 1, 1, 1, nullptr, 0, compute, GGML_N_TASKS_MAX, &taken);
  std::memcpy(&taken.parameters, &node->op_params, sizeof taken.parameters);
}

bool NodeKernels::State::begin_again(ggml_tensor& node) {
  const auto found = taken.find(&node);
  if (found == taken.end() || std::memcmp(&found->second->parameters, &node.op_params, sizeof(Parameters)) != 0)
    return false;
  found->second->work->begin(++serial);
  return true;
}

PackedMatrix& NodeKernels::State::packed(const ggml_tensor& weight) {
  std::unique_ptr<PackedMatrix>& matrix = weights[weight.data];
  if (!matrix)
    matrix = std::make_unique<PackedMatrix>(weight, bfloat16 && packs_as_bfloat16(weight.type), primitives.products,
                                            primitives.engine);
  return *matrix;
}

std::unique_ptr<NodeWork> NodeKernels::State::work_for(const ggml_tensor& node) {
  if (node.op == GGML_OP_MUL_MAT) {
    const ggml_tensor &weight = *node.src[0], &input = *node.src[1];
    if (!is_float_matrix(node) || !is_float_matrix(input) || !is_weight(weight)) return nullptr;
    if (ggml_nelements(&input) / input.ne[0] < rows_min) return nullptr;
    return std::make_unique<MatrixWork>(node, packed(weight), primitives);
  }
  if (node.op != GGML_OP_FLASH_ATTN_EXT || !is_float_matrix(node) || node.src[0]->ne[1] < queries_min) return nullptr;
  for (int i = 0; i < 3; ++i) {
    if (!lies_on_host(*node.src[i])) return nullptr;
  }
  return AttentionWork::fits(node) ? std::make_unique<AttentionWork>(node, bfloat16, primitives) : nullptr;
}

bool NodeKernels::State::take(ggml_tensor& node) {
  std::unique_ptr<NodeWork> work = work_for(node);
  if (!work) return false;
  for (Scratch& scratch : scratches) work->reserve(scratch);
  work->begin(++serial);
  std::unique_ptr<Taken>& rewritten = taken[&node];
  rewritten = std::make_unique<Taken>(*this, std::move(work));
  name_work(*rewritten);
  std::memcpy(&node.op_params, &rewritten->parameters, sizeof(Parameters));
  node.op = GGML_OP_CUSTOM;
  return true;
}

NodeKernels::NodeKernels(bool bfloat16, std::int32_t threads) : state_(std::make_unique<State>(bfloat16, threads)) {}

NodeKernels::~NodeKernels() = default;

bool NodeKernels::offer(ggml_tensor& node) {
  state_->handed_over.load(std::memory_order_acquire);
  const bool taken = node.op == GGML_OP_CUSTOM ? state_->begin_again(node) : state_->take(node);
  state_->handed_over.fetch_add(1, std::memory_order_acq_rel);
  return taken;
}

std::optional<std::string> NodeKernels::take_failure() {
  state_->handed_over.load(std::memory_order_acquire);
  const std::scoped_lock lock(state_->failure_mutex);
  return std::exchange(state_->failure, std::nullopt);
}

}  // namespace fovea::llama
