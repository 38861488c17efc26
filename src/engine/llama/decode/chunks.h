// Chunks: a prompt as libmtmd sees it: text tokens and image tiles in turn. Immutable; thread-safe.
#pragma once

#include <mtmd.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/owned.h"
#include "fovea/result.h"

namespace fovea::llama {

using Bitmap = Owned<mtmd_bitmap, mtmd_bitmap_free>;

// A piece of a prompt: text, or an image where `bitmap` is not null. Borrows both.
struct ChunkPart {
  std::string_view text;
  bool control_tokens = true;  // the texts of control tokens in it stand for these
  const mtmd_bitmap* bitmap = nullptr;
};

// Owns its chunks; pointers to them live as long as it does.
class Chunks {
 public:
  // Tokenizes `text` and preprocesses the images at its markers, one for each bitmap. A bitmap without pixels
  // is a placeholder: it gives the same layout as an image of its size, but nothing that could be encoded.
  // Safe to call beside an encode on the same context.
  // Faults: invalid when libmtmd cannot preprocess an image (too small, or too elongated for the model).
  static Result<Chunks> tokenize(const mtmd_context& context, const std::string& text, bool add_special,
                                 const std::vector<Bitmap>& bitmaps);
  // The same of a prompt in parts, none of which is empty. Each text is tokenized on its own.
  static Result<Chunks> tokenize(const mtmd_context& context, std::span<const ChunkPart> parts, bool add_special);

  std::size_t size() const { return mtmd_input_chunks_size(chunks_.get()); }
  const mtmd_input_chunk& at(std::size_t index) const { return *mtmd_input_chunks_get(chunks_.get(), index); }
  // The chunks that are image tiles, in order.
  std::vector<const mtmd_input_chunk*> tiles() const;

 private:
  static Result<Chunks> made_by(const std::function<std::int32_t(mtmd_input_chunks*)>& tokenize);
  explicit Chunks(Owned<mtmd_input_chunks, mtmd_input_chunks_free> chunks) : chunks_(std::move(chunks)) {}

  Owned<mtmd_input_chunks, mtmd_input_chunks_free> chunks_;
};

}  // namespace fovea::llama
