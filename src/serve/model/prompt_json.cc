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
  std::vector<std::int32_t> numbers;
  std::vector<json::Piece> pieces;
  json::TokenList list{
      .tokens = {}, .count = tokens.size(), .max_model_len = engine.facts().context_tokens, .token_strs = {}};
  if (texts.strings) list.token_strs.emplace();
  for (const std::optional<std::int32_t> token : tokens) {
    const std::int32_t number = token.value_or(image_token);
    const std::string text = token && (texts.pieces || texts.strings) ? engine.token_text(number) : std::string();
    if (texts.pieces)
      pieces.push_back({number, piece_of(text)});
    else
      numbers.push_back(number);
    if (texts.strings) list.token_strs->push_back(valid_text(text));
  }
  list.tokens = {texts.pieces ? json_text(pieces) : json_text(numbers)};
  return brief_json_text(list);
}

std::string render_json(const LaidOut& laid_out, const GenerateOptions& options, std::string_view model) {
  json::Rendered rendered{.request_id = fresh_id("chatcmpl-"),
                          .token_ids = {},
                          .features = {},
                          .sampling_params = sampling_of(options),
                          .model = model};
  std::optional<std::uint32_t> current;  // the image of the tile before
  const PromptLayout& layout = *laid_out.layout;
  for (std::size_t i = 0; i < layout.items().size(); ++i) {
    const PromptItem& item = layout.items()[i];
    const std::size_t begin = layout.tokens(i), end = layout.tokens(i + 1);
    if (!item.tile) {
      rendered.token_ids.push_back(item.token);
      continue;
    }
    rendered.token_ids.resize(end, image_token);
    if (!rendered.features) rendered.features.emplace();
    const bool first = current != item.tile->image || item.tile->number == 0;
    add_tile(laid_out, item.tile->image, begin, end, first, *rendered.features);
    current = item.tile->image;
  }
  return json_text(rendered);
}

}  // namespace fovea::serve
