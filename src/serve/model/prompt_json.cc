// vLLM's replies have more fields, for an engine that takes tokens in place of text; Fovea's engine does not,
// so what is here is what a router needs: which tokens, which images, where.
#include "serve/model/prompt_json.h"

#include "serve/wire/fresh_id.h"
#include "serve/wire/json_text.h"
#include "serve/wire/valid_text.h"

namespace fovea::serve {

namespace json {

struct TokenList {
  glz::raw_json tokens;
  std::size_t count;
  std::uint32_t max_model_len;
  std::optional<std::vector<std::string>> token_strs;
};

struct Piece {
  std::int32_t id;
  glz::raw_json piece;  // a text, or bytes where they are a part of a character
};

struct Placeholder {
  std::size_t offset, length;
};

struct ImageKeys {
  std::vector<std::string> image;
};
struct ImageRanges {
  std::vector<Placeholder> image;
};

struct Features {
  ImageKeys mm_hashes;
  ImageRanges mm_placeholders;
};

struct Sampling {
  double temperature, top_p;
  std::int32_t top_k;
  double min_p;
  std::optional<std::uint32_t> seed;
  std::int32_t max_tokens;
  std::vector<std::string> stop;
  double frequency_penalty, presence_penalty;
};

struct Rendered {
  std::string request_id;
  std::vector<std::int32_t> token_ids;
  std::optional<Features> features;
  Sampling sampling_params;
  std::string_view model;
};

}  // namespace json

namespace {

glz::raw_json piece_of(const std::string& bytes) {
  if (valid_text(bytes) == bytes) return {json_text(bytes)};
  return {json_text(std::vector<std::uint8_t>(bytes.begin(), bytes.end()))};
}

json::Sampling sampling_of(const GenerateOptions& options) {
  return {options.temperature,
          options.top_p,
          options.top_k,
          options.min_p,
          options.seed,
          options.max_tokens,
          options.stop,
          options.frequency_penalty,
          options.presence_penalty};
}

std::vector<std::int32_t> numbers_of(const PromptTokens& tokens) {
  std::vector<std::int32_t> numbers;
  numbers.reserve(tokens.size());
  for (const std::optional<std::int32_t> token : tokens) numbers.push_back(token.value_or(image_token));
  return numbers;
}

// Tiles of one image may have text between them, which belongs to its place.
void add_tile(const LaidOut& laid_out, std::size_t image, std::size_t begin, std::size_t end, bool first,
              json::Features& features) {
  if (first) {
    features.mm_hashes.image.push_back(laid_out.image_keys[image].hex());
    features.mm_placeholders.image.push_back({begin, end - begin});
  } else {
    json::Placeholder& place = features.mm_placeholders.image.back();
    place.length = end - place.offset;
  }
}

// The images and their places; nullopt for a prompt without images.
std::optional<json::Features> features_of(const LaidOut& laid_out) {
  std::optional<json::Features> features;
  std::optional<std::uint32_t> current;  // the image of the tile before
  const PromptLayout& layout = *laid_out.layout;
  for (std::size_t i = 0; i < layout.items().size(); ++i) {
    const PromptItem& item = layout.items()[i];
    if (!item.tile) continue;
    if (!features) features.emplace();
    const bool first = current != item.tile->image || item.tile->number == 0;
    add_tile(laid_out, item.tile->image, layout.tokens(i), layout.tokens(i + 1), first, *features);
    current = item.tile->image;
  }
  return features;
}

}  // namespace

PromptTokens tokens_of(const PromptLayout& layout) {
  PromptTokens tokens;
  for (std::size_t i = 0; i < layout.items().size(); ++i) {
    const PromptItem& item = layout.items()[i];
    if (item.tile)
      tokens.resize(layout.tokens(i + 1));
    else
      tokens.emplace_back(item.token);
  }
  return tokens;
}

std::string tokens_json(const VisionLanguageEngine& engine, const PromptTokens& tokens, TokenTexts texts) {
  std::vector<json::Piece> pieces;
  json::TokenList list{
      .tokens = {}, .count = tokens.size(), .max_model_len = engine.facts().context_tokens, .token_strs = {}};
  if (texts.strings) list.token_strs.emplace();
  for (const std::optional<std::int32_t> token : tokens) {
    if (!texts.pieces && !texts.strings) break;
    const std::string text = token ? engine.token_text(*token) : std::string();
    if (texts.pieces) pieces.push_back({token.value_or(image_token), piece_of(text)});
    if (texts.strings) list.token_strs->push_back(valid_text(text));
  }
  list.tokens = {texts.pieces ? json_text(pieces) : json_text(numbers_of(tokens))};
  return brief_json_text(list);
}

std::string render_json(const LaidOut& laid_out, const GenerateOptions& options, std::string_view model) {
  return json_text(json::Rendered{.request_id = fresh_id("chatcmpl-"),
                                  .token_ids = numbers_of(tokens_of(*laid_out.layout)),
                                  .features = features_of(laid_out),
                                  .sampling_params = sampling_of(options),
                                  .model = model});
}

}  // namespace fovea::serve
