// A table says which tokens each projector needs. Projectors that several model families use with different
// tokens are left out: a missing check is better than refusing a good pair.
#include "engine/llama/gguf/special_tokens.h"

#include <algorithm>
#include <array>
#include <format>
#include <set>

#include "engine/llama/gguf/model_shape.h"

namespace fovea::llama {

namespace {

struct Tokens {
  std::string_view projector;
  std::array<std::string_view, 6> texts;  // the rest empty
};

// Projectors of one model family each.
constexpr Tokens tokens_of[] = {
    {"idefics3", {"<fake_token_around_image>", "<global-img>", "\n", "\n\n"}},
    {"resampler", {"<image>", "</image>", "<slice>", "</slice>", "\n"}},
    {"step3vl", {"<im_start>", "<im_end>", "<patch_start>", "<patch_end>", "<patch_newline>"}},
    {"lfm2", {"<|img_thumbnail|>", "<|image_start|>", "<|image_end|>"}},
    {"gemma3", {"<start_of_image>", "<end_of_image>"}},
    {"qwen2vl_merger", {"<|vision_start|>", "<|vision_end|>"}},
    {"qwen2.5vl_merger", {"<|vision_start|>", "<|vision_end|>"}},
    {"qwen3vl_merger", {"<|vision_start|>", "<|vision_end|>"}},
    {"internvl", {"<img>", "</img>"}},
    {"pixtral", {"[IMG_END]"}},
    {"llama4", {"<|image_start|>", "<|image_end|>"}},
};

constexpr std::int64_t rows_max = 6;  // what the idefics3 family's vocabularies have

// Whether the vocabulary has the token: as it is, or with the newline as byte-level and SentencePiece
// vocabularies write it.
bool has_token(const std::set<std::string_view>& vocabulary, std::string_view text) {
  if (vocabulary.contains(text)) return true;
  if (text == "\n") return vocabulary.contains("Ċ") || vocabulary.contains("<0x0A>");
  return text == "\n\n" && vocabulary.contains("ĊĊ");
}

// idefics3 has a token for each tile's place in a grid. The grid is as large as the largest image after
// scaling.
std::vector<std::string> tile_names(const VisionShape& vision) {
  std::vector<std::string> names;
  if (vision.projector != "idefics3" || vision.image_size == 0 || vision.image_size_max <= vision.image_size)
    return names;
  const std::int64_t side =
      std::min((std::int64_t{vision.image_size_max} + vision.image_size - 1) / vision.image_size, rows_max);
  for (std::int64_t row = 1; row <= side; ++row) {
    for (std::int64_t column = 1; column <= side; ++column)
      names.push_back(std::format("<row_{}_col_{}>", row, column));
  }
  return names;
}

std::string readable(std::string_view token) {
  if (token == "\n") return "newline";
  return token == "\n\n" ? "double newline" : std::string(token);
}

}  // namespace

Result<void> check_special_tokens(const GgufFile& decoder, const GgufFile& mmproj) {
  const VisionShape vision = read_vision_shape(mmproj);
  std::vector<std::string> needed = tile_names(vision);
  if (const auto* found = std::ranges::find(tokens_of, vision.projector, &Tokens::projector);
      found != std::end(tokens_of)) {
    for (std::string_view text : found->texts) {
      if (!text.empty()) needed.emplace_back(text);
    }
  }
  if (needed.empty()) return {};
  const auto texts = decoder.texts("tokenizer.ggml.tokens");
  const std::set<std::string_view> vocabulary(texts.begin(), texts.end());
  for (const std::string& token : needed) {
    if (has_token(vocabulary, token)) continue;
    return decoder.refuse(
        Fault::invalid,
        std::format("lacks the token '{}' that the projector '{}' of '{}' puts around pictures: give the two files "
                    "of one model",
                    readable(token), vision.projector, mmproj.path().string()));
  }
  return {};
}

}  // namespace fovea::llama
