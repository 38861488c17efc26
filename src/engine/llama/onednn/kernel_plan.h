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
  // Faults: those of GgufFile::open.
  static Result<KernelPlan> make(KernelChoice choice, const std::filesystem::path& model,
                                 const std::filesystem::path& mmproj);
  // The plan where ggml computes everything.
  KernelPlan() = default;

  // The kernels for a context that `threads` threads compute; null where ggml computes alone.
  std::unique_ptr<NodeKernels> for_vision(std::int32_t threads) const { return kernels(vision_, threads); }
  std::unique_ptr<NodeKernels> for_decoder(std::int32_t threads) const { return kernels(decoder_, threads); }

  // The class of the kernels, for fingerprints and people: "ggml", or kernel_class.
  std::string vision_class() const { return vision_ ? class_ : "ggml"; }
  std::string decoder_class() const { return decoder_ ? class_ : "ggml"; }
  // Both classes in one text, for people.
  std::string told() const {
    const std::string of_pictures = vision_class(), of_prompts = decoder_class();
    return of_pictures == of_prompts ? of_pictures : of_pictures + " for pictures, " + of_prompts + " for prompts";
  }

 private:
  std::unique_ptr<NodeKernels> kernels(bool wanted, std::int32_t threads) const {
    return wanted ? std::make_unique<NodeKernels>(bfloat16_, threads) : nullptr;
  }

  bool vision_ = false, decoder_ = false, bfloat16_ = false;
  std::string class_;
};

}  // namespace fovea::llama
