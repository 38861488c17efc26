// KernelPlan: which models of a pair oneDNN computes for, and with which numbers.
//
// Depends on the files, the machine and the user's choice only, since the fingerprints have the kernels'
// class. A plain value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/llama/onednn/kernel_choice.h"
#include "engine/llama/onednn/node_kernels.h"
#include "fovea/result.h"

namespace fovea::llama {

class KernelPlan {
 public:
  // The plan for the weights in these files, where no GPU computes. The encoder is served first, and each
  // model wholly or not at all, within packed_bytes_max.
  // Where no code may be written, ggml computes.
  // Faults: those of GgufFile::open; unsupported for f32 where no code may be written.
  static Result<KernelPlan> make(KernelChoice choice, const std::filesystem::path& model,
                                 const std::filesystem::path& mmproj);
  // The plan where ggml computes everything.
  KernelPlan() = default;

  // The kernels for a context that `threads` threads compute; null where ggml computes alone.
  std::unique_ptr<NodeKernels> for_vision(std::int32_t threads) const { return vision_.kernels(threads); }
  std::unique_ptr<NodeKernels> for_decoder(std::int32_t threads) const { return decoder_.kernels(threads); }

  // The class of the kernels, for fingerprints and people: "ggml", or kernel_class.
  std::string vision_class() const { return vision_.name(); }
  std::string decoder_class() const { return decoder_.name(); }
  // Both classes in one text, for people.
  std::string told() const {
    const std::string of_pictures = vision_class(), of_prompts = decoder_class();
    return of_pictures == of_prompts ? of_pictures : of_pictures + " for pictures, " + of_prompts + " for prompts";
  }

 private:
  // What computes one of the models.
  struct Part {
    bool used = false;      // oneDNN; otherwise ggml alone
    bool bfloat16 = false;  // where most of its weights have no more bits
    std::unique_ptr<NodeKernels> kernels(std::int32_t threads) const {
      return used ? std::make_unique<NodeKernels>(bfloat16, threads) : nullptr;
    }
    std::string name() const { return used ? kernel_class(bfloat16) : "ggml"; }
  };

  Part vision_, decoder_;
};

}  // namespace fovea::llama
