#include "engine/read_prompt.h"

#include <limits>
#include <utility>

namespace fovea {

Result<ReadPrompt> read_prompt(VisionLanguageEngine& engine, const Prompt& prompt, std::span<const PromptImage> images,
                               Gaze* gaze, std::stop_token stop) {
  std::vector<ImageSize> sizes;
  std::vector<std::vector<Blob>> embeddings;
  for (const PromptImage& image : images) {
    sizes.push_back(image.size);
    embeddings.push_back(image.embeddings);
  }
  auto layout = engine.lay_out(prompt, sizes);
  if (!layout) return std::unexpected(layout.error());
  constexpr std::int32_t answer_tokens_max = std::numeric_limits<std::int32_t>::max();  // nobody shares the engine
  auto seat = engine.take_seat(**layout, {}, answer_tokens_max, {.stop = std::move(stop)});
  if (!seat) return std::unexpected(seat.error());
  if (auto read = (*seat)->read(embeddings, gaze); !read) return std::unexpected(read.error());
  return ReadPrompt{std::move(*layout), std::move(*seat)};
}

}  // namespace fovea
