#include "engine/llama/onednn/kernel_choice.h"

#include <ggml.h>
#include <unistd.h>

#include <algorithm>
#include <dnnl.hpp>
#include <format>

namespace fovea::llama {

Result<KernelChoice> parse_kernel_choice(std::string_view word) {
  if (word == "auto") return KernelChoice::automatic;
  if (word == "f32") return KernelChoice::f32;
  if (word == "ggml") return KernelChoice::ggml;
  return fail(Fault::invalid, std::format("kernels \"{}\": write auto, f32 or ggml", word));
}

bool packs_as_bfloat16(std::int32_t ggml_type) {
  const auto type = static_cast<enum ggml_type>(ggml_type);
  return type == GGML_TYPE_BF16 || ggml_is_quantized(type);
}

bool multiplies_bfloat16() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::avx512_core_bf16:
    case dnnl::cpu_isa::avx10_1_512:
    case dnnl::cpu_isa::avx10_1_512_amx:
    case dnnl::cpu_isa::avx10_1_512_amx_fp16:
      return true;
    default:
      return false;
  }
}

std::string kernel_class(KernelChoice choice) {
  const dnnl_version_t& version = *dnnl::version();
  return std::format("onednn {}.{}.{} isa {} {}", version.major, version.minor, version.patch,
                     static_cast<int>(dnnl::get_effective_cpu_isa()),
                     choice == KernelChoice::automatic && multiplies_bfloat16() ? "bf16" : "f32");
}

std::uint64_t packed_bytes_max() {
  const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
  return pages * static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PAGESIZE))) / 2;
}

}  // namespace fovea::llama
