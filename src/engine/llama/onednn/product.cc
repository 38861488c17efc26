// Primitives keep their scratch memory with the caller (scratchpad_mode::user), so that one can run on
// several threads at once. The second factor's layout is the one that suits many rows, and is given to all
// products explicitly: the library would choose another for few rows, and a weight is packed once.
#include "engine/llama/onednn/product.h"

#include "engine/llama/onednn/one_thread.h"

namespace fovea::llama {

namespace {

using dnnl::memory;

memory::data_type number(bool bfloat16) { return bfloat16 ? memory::data_type::bf16 : memory::data_type::f32; }

dnnl::matmul::primitive_desc describe(const dnnl::engine& engine, const ProductShape& shape, const memory::desc& b) {
  const OneThread on_one_thread;
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  dnnl::post_ops after;
  if (shape.scale != 1) after.append_eltwise(dnnl::algorithm::eltwise_linear, shape.scale, 0);
  if (shape.adds) after.append_sum();
  attributes.set_post_ops(after);
  return {engine, memory::desc({shape.rows, shape.inner}, number(shape.bfloat16), memory::dims{shape.a_stride, 1}), b,
          memory::desc({shape.rows, shape.columns}, memory::data_type::f32, memory::dims{shape.out_stride, 1}),
          attributes};
}

}  // namespace

Product::Product(const dnnl::engine& engine, const ProductShape& shape, const memory::desc& b) : engine_(engine) {
  const auto described = describe(engine, shape, b);
  a_ = described.src_desc();
  b_ = described.weights_desc();
  out_ = described.dst_desc();
  library_ = described.scratchpad_desc();
  const OneThread on_one_thread;
  primitive_ = dnnl::matmul(described);
}

void Product::run(Scratch& scratch, const void* a, const void* b, float* out) const {
  // The library takes mutable pointers and only reads the factors.
  const auto borrow = [&](const memory::desc& layout, const void* bytes) {
    return memory(layout, engine_, const_cast<void*>(bytes));
  };
  primitive_.execute(scratch.stream(), {{DNNL_ARG_SRC, borrow(a_, a)},
                                        {DNNL_ARG_WEIGHTS, borrow(b_, b)},
                                        {DNNL_ARG_DST, borrow(out_, out)},
                                        {DNNL_ARG_SCRATCHPAD, borrow(library_, scratch.at(Scratch::library))}});
}

memory::desc Products::b_layout(std::int64_t columns, std::int64_t inner, bool bfloat16) {
  if (layouts_.size() > kept_max) layouts_.clear();
  memory::desc& layout = layouts_[{columns, inner, bfloat16}];
  if (layout.is_zero()) {
    constexpr std::int64_t many_rows = 128;
    const ProductShape shape{.rows = many_rows,
                             .columns = columns,
                             .inner = inner,
                             .a_stride = inner,
                             .out_stride = columns,
                             .bfloat16 = bfloat16};
    const memory::desc any({inner, columns}, number(bfloat16), memory::format_tag::any);
    layout = describe(engine_, shape, any).weights_desc();
  }
  return layout;
}

std::shared_ptr<const Product> Products::get(const ProductShape& shape) {
  if (made_.size() > kept_max) made_.clear();
  std::shared_ptr<const Product>& product = made_[shape];
  if (!product)
    product = std::make_shared<const Product>(engine_, shape, b_layout(shape.columns, shape.inner, shape.bfloat16));
  return product;
}

}  // namespace fovea::llama
