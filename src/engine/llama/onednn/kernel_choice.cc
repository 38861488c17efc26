// bfloat16 is used only where the processor multiplies it: elsewhere oneDNN emulates it, slower than
// float32. The instruction sets are compared as named values, since their numbers are bit sets.
#include "engine/llama/onednn/kernel_choice.h"

#include <ggml.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <dnnl.hpp>
#include <format>
#include <fstream>
#include <limits>
#include <string>

namespace fovea::llama {

namespace {

// What the control group that a container sees as its own may use; no bound where there is none.
std::uint64_t control_group_bytes() {
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::uint64_t bytes = 0;
    if (std::ifstream(path) >> bytes) return bytes;  // "max" is no number
  }
  return std::numeric_limits<std::uint64_t>::max();
}

// The widest of a processor's instructions, as people name them. No two sets have the same name.
std::string instructions_of(dnnl::cpu_isa isa) {
  switch (isa) {
    case dnnl::cpu_isa::sse41:
      return "SSE4.1";
    case dnnl::cpu_isa::avx:
      return "AVX";
    case dnnl::cpu_isa::avx2:
      return "AVX2";
    case dnnl::cpu_isa::avx2_vnni:
      return "AVX2 VNNI";
    case dnnl::cpu_isa::avx2_vnni_2:
      return "AVX2 VNNI INT8";
    case dnnl::cpu_isa::avx512_core:
      return "AVX-512";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "AVX-512 VNNI";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "AVX-512 BF16";
    case dnnl::cpu_isa::avx10_1_512:
      return "AVX-512 FP16";
    case dnnl::cpu_isa::avx10_1_512_amx:
      return "AMX";
    case dnnl::cpu_isa::avx10_1_512_amx_fp16:
      return "AMX FP16";
    default:
      return std::format("instructions {:#x}", static_cast<unsigned>(isa));
  }
}

}  // namespace

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

bool may_run_written_code() {
  const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* const page = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  const bool may = mprotect(page, bytes, PROT_READ | PROT_EXEC) == 0;
  munmap(page, bytes);
  return may;
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

std::string kernel_class(bool bfloat16) {
  const dnnl_version_t& version = *dnnl::version();
  return std::format("onednn {}.{}.{}, {}, {}", version.major, version.minor, version.patch,
                     instructions_of(dnnl::get_effective_cpu_isa()), bfloat16 ? "bf16" : "f32");
}

std::uint64_t packed_bytes_max() {
  const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
  return std::min(pages * static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PAGESIZE))), control_group_bytes()) / 2;
}

}  // namespace fovea::llama
