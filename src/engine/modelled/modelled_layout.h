// ModelledLayout: a prompt as the items of a modelled engine: text tokens, and tiles, of which each picture
// has the same number. Immutable; thread-safe.
#pragma once

#include <memory>
#include <span>

#include "engine/engine.h"
#include "engine/modelled/modelled_times.h"

namespace fovea {

class ModelledLayout final : public PromptLayout {
 public:
  // Faults: those of VisionLanguageEngine::lay_out.
  static Result<std::unique_ptr<ModelledLayout>> make(const ModelledTimes& times, const Prompt& prompt,
                                                      std::span<const ImageSize> images, Overlong overlong);

 private:
  ModelledLayout() = default;
  void append_text(std::string_view text, bool control_tokens);
  void append_picture(std::size_t image, const ModelledTimes& times);
};

}  // namespace fovea
