#include "engine/llama/decode/chunks.h"

#include <exception>
#include <format>

#include "engine/llama/backend.h"

namespace fovea::llama {

Result<Chunks> Chunks::tokenize(const mtmd_context& context, const std::string& text, bool add_special,
                                const std::vector<Bitmap>& bitmaps) {
  std::vector<const mtmd_bitmap*> borrowed;
  for (const Bitmap& bitmap : bitmaps) borrowed.push_back(bitmap.get());
  const mtmd_input_text input{
      .text = text.data(), .text_len = text.size(), .add_special = add_special, .parse_special = true};
  Owned<mtmd_input_chunks, mtmd_input_chunks_free> chunks(mtmd_input_chunks_init());
  std::string why;
  try {
    const AbortGuard guard;
    if (mtmd_tokenize(&context, chunks.get(), &input, borrowed.data(), borrowed.size()) == 0)
      return Chunks(std::move(chunks));
    why = take_complaint();
  } catch (const std::exception& error) {
    why = error.what();
  }
  return fail(Fault::invalid, std::format("the model cannot take these pictures{}{}", why.empty() ? "" : ": ", why));
}

std::vector<const mtmd_input_chunk*> Chunks::tiles() const {
  std::vector<const mtmd_input_chunk*> tiles;
  for (std::size_t i = 0; i < size(); ++i) {
    if (mtmd_input_chunk_get_type(&at(i)) == MTMD_INPUT_CHUNK_TYPE_IMAGE) tiles.push_back(&at(i));
  }
  return tiles;
}

}  // namespace fovea::llama
