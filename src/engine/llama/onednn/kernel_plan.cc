#include "engine/llama/onednn/kernel_plan.h"

#include "engine/llama/gguf/gguf_file.h"

namespace fovea::llama {

namespace {

struct Packed {
  std::uint64_t bytes = 0;  // that the weights take, at most: those that are only looked up are not packed
  bool bfloat16 = false;    // most of their numbers
};

Result<Packed> pack(const std::filesystem::path& path, bool bfloat16) {
  const auto file = GgufFile::open(path);
  if (!file) return std::unexpected(file.error());
  std::uint64_t as_bfloat16 = 0, as_float32 = 0;
  for (const GgufTensor& tensor : file->tensors()) {
    if (tensor.shape.size() < 2) continue;
    (bfloat16 && packs_as_bfloat16(tensor.type) ? as_bfloat16 : as_float32) += tensor.elements();
  }
  if (as_bfloat16 > as_float32) return Packed{as_bfloat16 * 2 + as_float32 * sizeof(float), true};
  return Packed{(as_bfloat16 + as_float32) * sizeof(float), false};
}

}  // namespace

Result<KernelPlan> KernelPlan::make(KernelChoice choice, const std::filesystem::path& model,
                                    const std::filesystem::path& mmproj) {
  KernelPlan plan;
  if (choice == KernelChoice::ggml) return plan;
  if (!may_run_written_code()) {
    if (choice == KernelChoice::automatic) return plan;
    return fail(Fault::unsupported,
                "kernels f32: oneDNN writes its code while it runs, and this process may not run such code; allow it "
                "(MemoryDenyWriteExecute of systemd, execmem of SELinux), or choose ggml");
  }
  std::uint64_t left = packed_bytes_max();
  for (const auto& [file, part] : {std::pair(&mmproj, &plan.vision_), std::pair(&model, &plan.decoder_)}) {
    const auto packed = pack(*file, choice == KernelChoice::automatic && multiplies_bfloat16());
    if (!packed) return std::unexpected(packed.error());
    *part = {.used = packed->bytes <= left, .bfloat16 = packed->bfloat16};
    if (part->used) left -= packed->bytes;
  }
  return plan;
}

}  // namespace fovea::llama
