// LlamaLayout: a prompt as libmtmd's chunks, and where each of its items lies in them. Immutable;
// thread-safe. Owns the chunks.
#pragma once

#include <llama.h>
#include <mtmd.h>

#include <memory>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "engine/llama/decode/chunks.h"
#include "engine/llama/loaded_model.h"

namespace fovea::llama {

class LlamaLayout final : public PromptLayout {
 public:
  // Faults: those of VisionLanguageEngine::lay_out.
  static Result<std::unique_ptr<LlamaLayout>> make(const LoadedModel& loaded, const Prompt& prompt,
                                                   std::span<const ImageSize> images,
                                                   Overlong overlong = Overlong::refused);

  // The chunk of a tile. REQUIRES: the item is a tile.
  const mtmd_input_chunk& tile(std::size_t item) const { return chunks_.at(chunk_of_[item]); }
  // The position behind the first `items` items. REQUIRES: items <= items().size().
  llama_pos position(std::size_t items) const { return items == 0 ? 0 : position_ends_[items - 1]; }

 private:
  explicit LlamaLayout(Chunks chunks) : chunks_(std::move(chunks)) {}
  // Appends the items of all chunks. `tiles` names their tiles in order; false if the chunks have more or
  // fewer.
  bool append_all(std::span<const TileRef> tiles);
  Result<void> check_tiles(const LoadedModel& loaded) const;

  Chunks chunks_;
  std::vector<std::size_t> chunk_of_;     // by item
  std::vector<llama_pos> position_ends_;  // by item
};

// The fault of an image of this size, which its sentence names.
std::unexpected<Error> of_picture(const ImageSize& size, const Error& error);

// A bitmap without pixels, which is laid out as an image of its size.
Bitmap placeholder(std::uint32_t width, std::uint32_t height);

}  // namespace fovea::llama
