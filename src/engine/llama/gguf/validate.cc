// Cheap checks first, and each relies on those before it: roles, then each file alone, then what the two must
// share.
#include "engine/llama/gguf/validate.h"

#include <format>

#include "engine/llama/gguf/decoder_checks.h"
#include "engine/llama/gguf/special_tokens.h"
#include "engine/llama/gguf/vision_checks.h"
#include "engine/llama/vision/projectors.h"

namespace fovea::llama {

namespace {

bool looks_like_mmproj(const GgufFile& file) {
  return file.text("general.architecture") == "clip" || file.text("general.type") == "mmproj" ||
         file.has("clip.has_vision_encoder");
}

// The first file must be the language model and the second the vision encoder. People swap them, or give one
// twice.
Result<void> check_roles(const GgufFile& decoder, const GgufFile& mmproj) {
  const bool first = looks_like_mmproj(decoder);
  const bool second = looks_like_mmproj(mmproj);
  if (first && !second) {
    return decoder.refuse(Fault::invalid,
                          std::format("is a vision encoder (mmproj) and '{}' a language model: swap the two files",
                                      mmproj.path().string()));
  }
  if (first)
    return decoder.refuse(Fault::invalid,
                          "is a vision encoder (mmproj), not a language model: give the language model it belongs to");
  if (!second)
    return mmproj.refuse(Fault::invalid,
                         "is not a vision encoder (mmproj): give the mmproj file that belongs to the model");
  return {};
}

// The projector's embeddings must be as wide as those that the decoder takes.
Result<void> check_widths(const GgufFile& decoder, const GgufFile& mmproj) {
  const std::int64_t reads = decoder_input_width(decoder);
  const std::int64_t hands_over = projection_width(mmproj);
  if (hands_over == 0 || reads == hands_over) return {};
  return mmproj.refuse(
      Fault::invalid,
      std::format("does not belong to '{}': it makes embeddings of width {} and the language model reads "
                  "width {}; give the two files of one model",
                  decoder.path().string(), hands_over, reads));
}

}  // namespace

Result<void> validate_pair(const GgufFile& decoder, const GgufFile& mmproj) {
  for (const auto check : {check_roles, +[](const GgufFile& file, const GgufFile&) { return check_decoder(file); },
                           +[](const GgufFile&, const GgufFile& file) { return check_vision(file); }, check_widths,
                           check_special_tokens}) {
    if (Result<void> passed = check(decoder, mmproj); !passed) return passed;
  }
  return {};
}

Result<void> validate_pair(const std::filesystem::path& decoder, const std::filesystem::path& mmproj) {
  const Result<GgufFile> text = GgufFile::open(decoder);
  if (!text) return std::unexpected(text.error());
  const Result<GgufFile> vision = GgufFile::open(mmproj);
  if (!vision) return std::unexpected(vision.error());
  return validate_pair(*text, *vision);
}

Result<void> validate_decoder(const std::filesystem::path& decoder) {
  const Result<GgufFile> text = GgufFile::open(decoder);
  if (!text) return std::unexpected(text.error());
  if (looks_like_mmproj(*text))
    return text->refuse(Fault::invalid, "is a vision encoder (mmproj), not a language model");
  return check_decoder(*text);
}

}  // namespace fovea::llama
