#include "engine/prefill_prompt.h"

#include <limits>
#include <utility>

namespace fovea {

Result<PrefilledPrompt> prefill_prompt(VisionLanguageEngine& engine, const Prompt& prompt,
                                       std::span<const PromptImage> images, AttentionSummary* summary,
                                       std::stop_token stop) {
  std::vector<ImageSize> sizes;
  std::vector<std::vector<Blob>> embeddings;
  for (const PromptImage& image : images) {
    sizes.push_back(image.size);
    embeddings.push_back(image.embeddings);
  }
  auto layout = engine.lay_out(prompt, sizes);
  if (!layout) return std::unexpected(layout.error());
  // Nobody shares the engine.
  constexpr std::int32_t answer_tokens_max = std::numeric_limits<std::int32_t>::max();
  auto slot = engine.acquire_slot(**layout, {}, answer_tokens_max, {.stop = std::move(stop)});
  if (!slot) return std::unexpected(slot.error());
  if (auto prefilled = (*slot)->prefill(embeddings, summary); !prefilled) return std::unexpected(prefilled.error());
  return PrefilledPrompt{std::move(*layout), std::move(*slot)};
}

}  // namespace fovea
