#include "engine/llama/onednn/tile_configuration.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <dnnl.hpp>

namespace fovea::llama {

namespace {

#if defined(__x86_64__)

// The instructions are legal once the process has asked the kernel for tiles, which oneDNN does here.
bool has_tiles() {
  static const bool has = [] {
    const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
    return isa == dnnl::cpu_isa::avx10_1_512_amx || isa == dnnl::cpu_isa::avx10_1_512_amx_fp16;
  }();
  return has;
}

[[gnu::target("amx-tile")]] void store(void* configuration) { _tile_storeconfig(configuration); }
[[gnu::target("amx-tile")]] void load(const void* configuration) { _tile_loadconfig(configuration); }

#else

bool has_tiles() { return false; }
void store(void*) {}
void load(const void*) {}

#endif

}  // namespace

TileConfigurationKept::TileConfigurationKept() {
  if (has_tiles()) store(before_.data());
}

TileConfigurationKept::~TileConfigurationKept() {
  if (has_tiles()) load(before_.data());
}

}  // namespace fovea::llama
