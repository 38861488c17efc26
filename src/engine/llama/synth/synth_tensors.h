// Tensors: adds the tensors of a synthesised file by their kind.
//
// The numbers are scaled so that activations neither vanish nor explode: every matrix keeps the variance of
// its normalised input (spread 1/sqrt(row length)), norms are 1, biases are small. Not thread-safe; borrows
// the file.
#pragma once

#include <ggml.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/llama/synth/synth_plan.h"

namespace fovea::llama {

inline constexpr float bias_spread = 0.02f;

// llama.cpp's number for "mostly this type" (general.file_type). A type without one is shown as f16; nothing
// uses it.
std::uint32_t file_type_number(std::int32_t type);

class Tensors {
 public:
  Tensors(SynthFile& file, std::int32_t type) : file_(file), type_(type) {}

  // A weight matrix [in, out]. Where the type's block size does not divide `in`, the type is q8_0, and else
  // f16, as in published files.
  void matrix(const std::string& name, std::uint32_t in, std::uint32_t out, Draw draw = {}) {
    if (draw.spread == 0) draw.spread = 1.0f / std::sqrt(static_cast<float>(in));
    std::int32_t type = type_;
    if (in % ggml_blck_size(static_cast<ggml_type>(type)) != 0) type = GGML_TYPE_Q8_0;
    if (in % ggml_blck_size(static_cast<ggml_type>(type)) != 0) type = GGML_TYPE_F16;
    add(name, {in, out}, type, std::move(draw));
  }
  void norm(const std::string& name, std::uint32_t width) {
    add(name, {width}, GGML_TYPE_F32, {.mean = 1, .spread = bias_spread});
  }
  void bias(const std::string& name, std::uint32_t width) {
    add(name, {width}, GGML_TYPE_F32, {.spread = bias_spread});
  }
  // A matrix with a bias: a linear layer.
  void linear(const std::string& name, std::uint32_t in, std::uint32_t out) {
    matrix(name + ".weight", in, out);
    bias(name + ".bias", out);
  }
  void layer_norm(const std::string& name, std::uint32_t width) {
    norm(name + ".weight", width);
    bias(name + ".bias", width);
  }
  void add(const std::string& name, const std::vector<std::int64_t>& shape, std::int32_t type, Draw draw) {
    file_.writer.add_tensor(name, shape, type);
    file_.draws.push_back(std::move(draw));
  }
  bool full_precision() const { return type_ == GGML_TYPE_F32; }

 private:
  SynthFile& file_;
  std::int32_t type_;
};

}  // namespace fovea::llama
