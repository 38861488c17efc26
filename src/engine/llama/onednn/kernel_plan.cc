#include "engine/llama/onednn/kernel_plan.h"

#include "engine/llama/gguf/gguf_file.h"

namespace fovea::llama {

namespace {

// What the weights of a file take once they are packed, at most: those that are only looked up are not.
Result<std::uint64_t> packed_bytes(const std::filesystem::path& path, bool bfloat16) {
  const auto file = GgufFile::open(path);
  if (!file) return std::unexpected(file.error());
  std::uint64_t bytes = 0;
  for (const GgufTensor& tensor : file->tensors()) {
    if (tensor.shape.size() < 2) continue;
    bytes += tensor.elements() * (bfloat16 && packs_as_bfloat16(tensor.type) ? 2 : sizeof(float));
  }
  return bytes;
}

}  // namespace

Result<KernelPlan> KernelPlan::make(KernelChoice choice, const std::filesystem::path& model,
                                    const std::filesystem::path& mmproj) {
  KernelPlan plan;
  if (choice == KernelChoice::ggml) return plan;
  plan.bfloat16_ = choice == KernelChoice::automatic && multiplies_bfloat16();
  plan.class_ = kernel_class(choice);
  std::uint64_t left = packed_bytes_max();
  for (const auto& [file, wanted] : {std::pair(&mmproj, &plan.vision_), std::pair(&model, &plan.decoder_)}) {
    const auto bytes = packed_bytes(*file, plan.bfloat16_);
    if (!bytes) return std::unexpected(bytes.error());
    *wanted = *bytes <= left;
    if (*wanted) left -= *bytes;
  }
  return plan;
}

}  // namespace fovea::llama
