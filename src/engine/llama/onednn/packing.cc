#include "engine/llama/onednn/packing.h"

#include "engine/llama/onednn/one_thread.h"

namespace fovea::llama {

using dnnl::memory;

Packing::Packing(const dnnl::engine& engine, const memory::dims& strides, const memory::desc& layout)
    : engine_(engine), from_(layout.get_dims(), memory::data_type::f32, strides), to_(layout) {
  const OneThread on_one_thread;
  primitive_ = dnnl::reorder(dnnl::reorder::primitive_desc(engine, from_, engine, to_));
}

void Packing::run(dnnl::stream& stream, const float* from, void* to) const {
  const memory source(from_, engine_, const_cast<float*>(from));  // it is only read
  const memory target(to_, engine_, to);
  primitive_.execute(stream, {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}});
}

const Packing& RowPackings::get(std::int64_t rows, std::int64_t length, std::int64_t stride) {
  std::unique_ptr<Packing>& packing = made_[{rows, length, stride}];
  if (!packing) {
    const memory::desc side_by_side({rows, length}, memory::data_type::bf16, memory::format_tag::ab);
    packing = std::make_unique<Packing>(engine_, memory::dims{stride, 1}, side_by_side);
  }
  return *packing;
}

}  // namespace fovea::llama
