// Product: one matrix product of fixed shape on one thread, as a oneDNN primitive: out = a x b, float32
// [rows x columns] from [rows x inner] and [inner x columns].
//
// Immutable once made, so several threads may run one, each with its own scratch.
#pragma once

#include <dnnl.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <tuple>

#include "engine/llama/onednn/scratch.h"

namespace fovea::llama {

struct ProductShape {
  std::int64_t rows, columns, inner;
  std::int64_t a_stride;    // elements from one row of `a` to the next
  std::int64_t out_stride;  // of the result
  bool bfloat16;            // the factors; otherwise float32
  float scale = 1;          // multiplies the product
  bool adds = false;        // to what is in `out`, instead of replacing it
  auto operator<=>(const ProductShape&) const = default;
};

class Product {
 public:
  // `b` is how the second factor lies. Throws dnnl::error.
  Product(const dnnl::engine& engine, const ProductShape& shape, const dnnl::memory::desc& b);

  std::size_t library_bytes() const { return library_.get_size(); }

  // `a` and `out` lie as the shape says. Uses the scratch's `library` buffer.
  void run(Scratch& scratch, const void* a, const void* b, float* out) const;

 private:
  dnnl::engine engine_;
  dnnl::memory::desc a_, b_, out_, library_;
  dnnl::matmul primitive_;
};

// The products that were made so far. Those in use are shared; of the others at most `kept_max` are
// remembered, since pictures of ever new sizes make ever new shapes. Not thread-safe.
class Products {
 public:
  static constexpr std::size_t kept_max = 512;

  explicit Products(const dnnl::engine& engine) : engine_(engine) {}

  // How the second factor lies in all products with so many columns and inner numbers: in the way that suits
  // many rows. Throws dnnl::error, as get() does.
  dnnl::memory::desc b_layout(std::int64_t columns, std::int64_t inner, bool bfloat16);
  std::shared_ptr<const Product> get(const ProductShape& shape);

 private:
  dnnl::engine engine_;
  std::map<std::tuple<std::int64_t, std::int64_t, bool>, dnnl::memory::desc> layouts_;
  std::map<ProductShape, std::shared_ptr<const Product>> made_;
};

}  // namespace fovea::llama
