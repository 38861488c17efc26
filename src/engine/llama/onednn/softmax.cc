#include "engine/llama/onednn/softmax.h"

#include "engine/llama/onednn/one_thread.h"

namespace fovea::llama {

using dnnl::memory;

Softmax::Softmax(const dnnl::engine& engine, std::int64_t rows, std::int64_t columns, bool bfloat16)
    : engine_(engine),
      from_({rows, columns}, memory::data_type::f32, memory::format_tag::ab),
      to_({rows, columns}, bfloat16 ? memory::data_type::bf16 : memory::data_type::f32, memory::format_tag::ab) {
  const OneThread on_one_thread;
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  constexpr int along_rows = 1;
  const dnnl::softmax_forward::primitive_desc described(engine, dnnl::prop_kind::forward_inference,
                                                        dnnl::algorithm::softmax_accurate, from_, to_, along_rows,
                                                        attributes);
  library_ = described.scratchpad_desc();
  primitive_ = dnnl::softmax_forward(described);
}

void Softmax::run(Scratch& scratch, const float* from, void* to) const {
  const memory source(from_, engine_, const_cast<float*>(from));  // it is only read, or is the result
  primitive_.execute(scratch.stream(),
                     {{DNNL_ARG_SRC, source},
                      {DNNL_ARG_DST, memory(to_, engine_, to)},
                      {DNNL_ARG_SCRATCHPAD, memory(library_, engine_, scratch.at(Scratch::library))}});
}

}  // namespace fovea::llama
