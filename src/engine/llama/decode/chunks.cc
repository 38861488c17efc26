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
  return made_by([&](mtmd_input_chunks* chunks) {
    return mtmd_tokenize(&context, chunks, &input, borrowed.data(), borrowed.size());
  });
}

Result<Chunks> Chunks::tokenize(const mtmd_context& context, std::span<const ChunkPart> parts, bool add_special) {
  std::vector<mtmd_input_text> texts;
  for (const ChunkPart& part : parts)
    texts.push_back({.text = part.text.data(),
                     .text_len = part.text.size(),
                     .add_special = false,
                     .parse_special = part.control_tokens});
  std::vector<mtmd_input_part> inputs;
  for (std::size_t i = 0; i < parts.size(); ++i)
    inputs.push_back({.text = parts[i].bitmap ? nullptr : &texts[i], .bitmap = parts[i].bitmap});
  std::vector<const mtmd_input_part*> borrowed;
  for (const mtmd_input_part& input : inputs) borrowed.push_back(&input);
  return made_by([&](mtmd_input_chunks* chunks) {
    return mtmd_tokenize_from_parts(&context, chunks, borrowed.data(), borrowed.size(), add_special);
  });
}

Result<Chunks> Chunks::made_by(const std::function<std::int32_t(mtmd_input_chunks*)>& tokenize) {
  Owned<mtmd_input_chunks, mtmd_input_chunks_free> chunks(mtmd_input_chunks_init());
  std::string why;
  try {
    const AbortGuard guard;
    if (tokenize(chunks.get()) == 0) return Chunks(std::move(chunks));
    why = take_complaint();
  } catch (const std::exception& error) {
    why = error.what();
  }
  return fail(Fault::invalid, std::format("the model cannot take this{}{}", why.empty() ? "" : ": ", why));
}

std::vector<const mtmd_input_chunk*> Chunks::tiles() const {
  std::vector<const mtmd_input_chunk*> tiles;
  for (std::size_t i = 0; i < size(); ++i) {
    if (mtmd_input_chunk_get_type(&at(i)) == MTMD_INPUT_CHUNK_TYPE_IMAGE) tiles.push_back(&at(i));
  }
  return tiles;
}

}  // namespace fovea::llama
