// OneNode: a graph of one node on ggml's processor backend, computed with a NodeKernels or by ggml alone.
#pragma once

#include <ggml-alloc.h>
#include <ggml-backend.h>
#include <ggml.h>

#include <functional>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "base/owned.h"
#include "engine/llama/backend.h"
#include "engine/llama/onednn/graph_kernels.h"

namespace fovea::llama::test {

// Numbers between -1 and 1, others for each seed.
inline std::vector<float> random_numbers(std::size_t count, unsigned seed) {
  std::minstd_rand random(seed + 1);
  std::uniform_real_distribution<float> between(-1, 1);
  std::vector<float> numbers(count);
  for (float& number : numbers) number = between(random);
  return numbers;
}

// A weight of a model: a tensor of its own buffer.
class Weight {
 public:
  Weight(ggml_type type, std::int64_t inner, std::int64_t columns, std::span<const float> numbers)
      : backend_((start_backend(), ggml_backend_init_by_type(GGML_BACKEND_DEVICE_TYPE_CPU, nullptr))),
        context_(ggml_init({.mem_size = 4 * ggml_tensor_overhead(), .mem_buffer = nullptr, .no_alloc = true})),
        tensor_(ggml_new_tensor_2d(context_.get(), type, inner, columns)),
        buffer_(ggml_backend_alloc_ctx_tensors(context_.get(), backend_.get())) {
    ggml_backend_buffer_set_usage(buffer_.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
    ggml_quantize_chunk(type, numbers.data(), tensor_->data, 0, columns, inner, nullptr);
  }
  ggml_tensor* tensor() const { return tensor_; }
  // What the stored numbers stand for.
  std::vector<float> numbers() const {
    std::vector<float> numbers(static_cast<std::size_t>(ggml_nelements(tensor_)));
    if (tensor_->type == GGML_TYPE_F32) {
      std::copy_n(static_cast<const float*>(tensor_->data), numbers.size(), numbers.data());
    } else {
      ggml_get_type_traits(tensor_->type)->to_float(tensor_->data, numbers.data(), ggml_nelements(tensor_));
    }
    return numbers;
  }

 private:
  Owned<ggml_backend, ggml_backend_free> backend_;
  Owned<ggml_context, ggml_free> context_;
  ggml_tensor* tensor_;
  Owned<ggml_backend_buffer, ggml_backend_buffer_free> buffer_;
};

class OneNode {
 public:
  // `build` makes the node from inputs, which it names with input().
  OneNode(const std::function<ggml_tensor*(OneNode&)>& build, int threads)
      : backend_((start_backend(), ggml_backend_init_by_type(GGML_BACKEND_DEVICE_TYPE_CPU, nullptr))),
        context_(ggml_init({.mem_size = 64 * ggml_tensor_overhead() + ggml_graph_overhead(),
                            .mem_buffer = nullptr,
                            .no_alloc = true})) {
    set_threads(backend_.get(), threads);
    node_ = build(*this);
    graph_ = ggml_new_graph(context_.get());
    ggml_build_forward_expand(graph_, node_);
    ggml_backend_t backend = backend_.get();
    scheduler_.reset(ggml_backend_sched_new(&backend, nullptr, 1, GGML_DEFAULT_GRAPH_SIZE, false, false));
    ggml_backend_sched_alloc_graph(scheduler_.get(), graph_);
    for (const auto& [tensor, numbers] : inputs_) fill(tensor, numbers);
  }

  ggml_context* context() const { return context_.get(); }
  ggml_tensor& node() const { return *node_; }

  ggml_tensor* input(ggml_type type, std::vector<std::int64_t> shape, std::vector<float> numbers) {
    ggml_tensor* tensor = ggml_new_tensor(context_.get(), type, static_cast<int>(shape.size()), shape.data());
    ggml_set_input(tensor);
    inputs_.emplace_back(tensor, std::move(numbers));
    return tensor;
  }
  static void fill(ggml_tensor* tensor, std::span<const float> numbers) {
    std::vector<std::byte> stored(ggml_nbytes(tensor));
    ggml_quantize_chunk(tensor->type, numbers.data(), stored.data(), 0, ggml_nrows(tensor), tensor->ne[0], nullptr);
    ggml_backend_tensor_set(tensor, stored.data(), 0, stored.size());
  }

  // The node's numbers; by ggml alone if `kernels` is null.
  std::vector<float> compute(GraphKernels* kernels) {
    ggml_backend_sched_set_eval_callback(scheduler_.get(), kernels != nullptr ? GraphKernels::on_node : nullptr,
                                         kernels);
    ggml_backend_sched_graph_compute(scheduler_.get(), graph_);
    std::vector<float> numbers(static_cast<std::size_t>(ggml_nelements(node_)));
    ggml_backend_tensor_get(node_, numbers.data(), 0, numbers.size() * sizeof(float));
    return numbers;
  }

 private:
  static void set_threads(ggml_backend_t backend, int threads) {
    ggml_backend_reg_t registered = ggml_backend_dev_backend_reg(ggml_backend_get_device(backend));
    const auto set = reinterpret_cast<ggml_backend_set_n_threads_t>(
        ggml_backend_reg_get_proc_address(registered, "ggml_backend_set_n_threads"));
    set(backend, threads);
  }

  Owned<ggml_backend, ggml_backend_free> backend_;
  Owned<ggml_context, ggml_free> context_;
  std::vector<std::pair<ggml_tensor*, std::vector<float>>> inputs_;
  ggml_tensor* node_ = nullptr;
  ggml_cgraph* graph_ = nullptr;
  Owned<ggml_backend_sched, ggml_backend_sched_free> scheduler_;
};

}  // namespace fovea::llama::test
