#include "engine/llama/onednn/packing.h"

#include "engine/llama/onednn/one_thread.h"

namespace fovea::llama {

using dnnl::memory;

Packing::Packing(const dnnl::engine& engine, const memory::dims& strides, const memory::desc& layout)
    : engine_(engine), from_(layout.get_dims(), memory::data_type::f32, strides), to_(layout) {
  const OneThread on_one_thread;
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::reorder::primitive_desc described(engine, from_, engine, to_, attributes);
  // Reorders of these kinds need none; with one of the library's they could not run on several threads.
  if (described.scratchpad_desc().get_size() != 0) throw dnnl::error(dnnl_unimplemented, "a reorder needs memory");
  primitive_ = dnnl::reorder(described);
}

void Packing::run(dnnl::stream& stream, const float* from, void* to) const {
  const memory source(from_, engine_, const_cast<float*>(from));  // it is only read
  const memory target(to_, engine_, to);
  primitive_.execute(stream, {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}});
}

std::shared_ptr<const Packing> RowPackings::get(std::int64_t rows, std::int64_t length, std::int64_t stride) {
  if (made_.size() > kept_max) made_.clear();
  std::shared_ptr<const Packing>& packing = made_[{rows, length, stride}];
  if (!packing) {
    const memory::desc side_by_side({rows, length}, memory::data_type::bf16, memory::format_tag::ab);
    packing = std::make_shared<const Packing>(engine_, memory::dims{stride, 1}, side_by_side);
  }
  return packing;
}

}  // namespace fovea::llama
