// Special tokens and bytes come first, then words, and for some families the tokens around images last. Only
// the words can be chosen; all other tokens are silent. Words are made of syllables, so they need no list and
// are the same everywhere.
#include "engine/llama/synth/synth_vocabulary.h"

#include <algorithm>
#include <array>
#include <format>
#include <span>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace fovea::llama {

namespace {

// The token types of the file format.
enum TokenType : std::int32_t { normal = 1, unknown = 2, control = 3, byte = 6 };

constexpr std::uint32_t words_min = 64;  // fewer made-up words would make all answers alike

constexpr std::string_view smolvlm_template =
    "<|im_start|>{% for m in messages %}{{ m['role'] | capitalize }}: {{ m['content'] }}<end_of_utterance>\n{% endfor "
    "%}"
    "{% if add_generation_prompt %}Assistant:{% endif %}";

constexpr std::string_view llava_template =
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ m['content'] }}\n"
    "{% elif m['role'] == 'user' %}USER: {{ m['content'] }}\n"
    "{% else %}ASSISTANT: {{ m['content'] }}</s>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}";

constexpr std::string_view chatml_template =
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

// The instructions of a system go in front of the first turn.
constexpr std::string_view gemma3_template =
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set first = messages[0]['content'] + '\n\n' %}"
    "{% set turns = messages[1:] %}{% else %}{% set first = '' %}{% set turns = messages %}{% endif %}"
    "{% for m in turns %}<start_of_turn>{{ 'model' if m['role'] == 'assistant' else m['role'] }}\n"
    "{{ first if loop.first else '' }}{{ m['content'] }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}";

// Code point `code` (below 0x800) as UTF-8.
std::string utf8(unsigned code) {
  if (code < 0x80) return {static_cast<char>(code)};
  return {static_cast<char>(0xc0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3f))};
}

// How byte-pair vocabularies write a byte: printable ones as the character of that code, the others as
// characters from 256 on.
std::string byte_symbol(unsigned value) {
  const auto printable = [](unsigned b) { return (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae; };
  if (printable(value)) return utf8(value);
  unsigned code = 256;
  for (unsigned b = 0; b < value; ++b) code += printable(b) ? 0 : 1;
  return utf8(code);
}

// Word `index` of three syllables, different for each index below a million.
std::string word(std::uint32_t index) {
  constexpr std::string_view consonants = "bdfghjklmnprstvwxyzc";
  constexpr std::string_view vowels = "aeiou";
  std::string text;
  for (int syllable = 0; syllable < 3; ++syllable) {
    text += consonants[index % 20];
    index /= 20;
    text += vowels[index % 5];
    index /= 5;
  }
  return text;
}

class Builder {
 public:
  // A token that may stand in a prompt but is never chosen.
  void add(std::string token, TokenType type) {
    vocabulary_.silent.push_back(static_cast<std::int64_t>(vocabulary_.tokens.size()));
    append(std::move(token), type);
  }
  // Adds words until there are `size` tokens; `space` is how the tokenizer writes the space before a word.
  void fill_with_words(std::uint32_t size, std::string_view space) {
    for (std::uint32_t i = 0; vocabulary_.tokens.size() < size; ++i) append(std::string(space) + word(i), normal);
  }
  SynthVocabulary& vocabulary() { return vocabulary_; }

 private:
  void append(std::string token, TokenType type) {
    vocabulary_.scores.push_back(type == normal ? -static_cast<float>(vocabulary_.tokens.size()) : 0.0f);
    vocabulary_.tokens.push_back(std::move(token));
    vocabulary_.types.push_back(type);
  }

  SynthVocabulary vocabulary_;
};

// The side of the largest grid of tiles that has tokens: at least six, as in the published vocabularies.
std::uint32_t grid_side(const VisionShape& vision) {
  const std::uint32_t needed = (vision.image_size_max + vision.image_size - 1) / vision.image_size;
  return std::max(6u, needed);
}

std::vector<std::string> idefics3_tail(const VisionShape& vision) {
  std::vector<std::string> tokens{"<global-img>"};
  for (std::uint32_t row = 1; row <= grid_side(vision); ++row) {
    for (std::uint32_t column = 1; column <= grid_side(vision); ++column)
      tokens.push_back(std::format("<row_{}_col_{}>", row, column));
  }
  tokens.insert(tokens.end(), {"<fake_token_around_image>", "<image>", "<end_of_utterance>"});
  return tokens;
}

SynthVocabulary idefics3_vocabulary(const ModelShape& shape) {
  Builder builder;
  for (const char* token : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) builder.add(token, control);
  for (unsigned value = 0; value < 256; ++value) builder.add(byte_symbol(value), normal);
  const std::string newline = byte_symbol('\n');
  builder.add(newline + newline, normal);  // libmtmd looks this one up
  const std::vector<std::string> tail = idefics3_tail(shape.vision);
  builder.fill_with_words(shape.decoder.vocabulary - static_cast<std::uint32_t>(tail.size()), byte_symbol(' '));
  for (const std::string& token : tail) builder.add(token, control);

  SynthVocabulary vocabulary = std::move(builder.vocabulary());
  vocabulary.model = "gpt2";
  vocabulary.pre = "smollm";
  vocabulary.chat_template = smolvlm_template;
  vocabulary.merges = {newline + " " + newline};
  vocabulary.bos = 1;
  vocabulary.eos = shape.decoder.vocabulary - 1;
  return vocabulary;
}

constexpr std::array<const char*, 3> qwen_tokens{"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
constexpr std::array<const char*, 3> qwen_vl_tokens{"<|vision_start|>", "<|vision_end|>", "<|image_pad|>"};
constexpr std::array<const char*, 3> internvl_tokens{"<img>", "</img>", "<IMG_CONTEXT>"};

// Of Qwen's decoders, with the tokens that this family puts around its images.
SynthVocabulary qwen_vocabulary(const ModelShape& shape, std::span<const char* const> around_images) {
  Builder builder;
  for (unsigned value = 0; value < 256; ++value) builder.add(byte_symbol(value), normal);
  const std::string newline = byte_symbol('\n');
  builder.add(newline + newline, normal);
  const std::size_t controls = qwen_tokens.size() + around_images.size();
  builder.fill_with_words(shape.decoder.vocabulary - static_cast<std::uint32_t>(controls), byte_symbol(' '));
  for (const char* token : qwen_tokens) builder.add(token, control);
  for (const char* token : around_images) builder.add(token, control);

  SynthVocabulary vocabulary = std::move(builder.vocabulary());
  vocabulary.model = "gpt2";
  vocabulary.pre = "qwen2";
  vocabulary.chat_template = chatml_template;
  vocabulary.merges = {newline + " " + newline};
  vocabulary.bos = shape.decoder.vocabulary - static_cast<std::uint32_t>(controls);
  vocabulary.eos = vocabulary.bos + 2;
  return vocabulary;
}

constexpr std::array<const char*, 6> minicpmv_tokens{"<image>",  "</image>",     "<slice>",
                                                     "</slice>", "<|im_start|>", "<|im_end|>"};

constexpr std::array<const char*, 7> gemma3_tokens{
    "<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>", "<start_of_image>", "<end_of_image>"};

SynthVocabulary gemma3_vocabulary(const ModelShape& shape) {
  Builder builder;
  for (const char* token : gemma3_tokens) builder.add(token, control);
  builder.add("<unk>", unknown);
  for (unsigned value = 0; value < 256; ++value) builder.add(std::format("<0x{:02X}>", value), byte);
  builder.fill_with_words(shape.decoder.vocabulary, "\xe2\x96\x81");

  SynthVocabulary vocabulary = std::move(builder.vocabulary());
  vocabulary.model = "llama";
  vocabulary.chat_template = gemma3_template;
  vocabulary.bos = 2;
  vocabulary.eos = 1;
  vocabulary.add_bos = true;
  return vocabulary;
}

// Of Llama's sentence pieces, with the tokens that this family has behind them.
SynthVocabulary llama_vocabulary(const ModelShape& shape, std::span<const char* const> tail,
                                 std::string_view chat_template) {
  Builder builder;
  builder.add("<unk>", unknown);
  builder.add("<s>", control);
  builder.add("</s>", control);
  for (unsigned value = 0; value < 256; ++value) builder.add(std::format("<0x{:02X}>", value), byte);
  builder.fill_with_words(shape.decoder.vocabulary - static_cast<std::uint32_t>(tail.size()), "\xe2\x96\x81");
  for (const char* token : tail) builder.add(token, control);

  SynthVocabulary vocabulary = std::move(builder.vocabulary());
  vocabulary.model = "llama";
  vocabulary.chat_template = chat_template;
  vocabulary.bos = 1;
  vocabulary.eos = 2;
  vocabulary.add_bos = true;
  return vocabulary;
}

}  // namespace

std::uint32_t vocabulary_min(const ModelShape& shape) {
  // Qwen's have seven with the double newline, Gemma's eight.
  std::size_t specials = 8;
  if (shape.family == ModelShape::Family::idefics3) specials = 4 + idefics3_tail(shape.vision).size();
  if (shape.family == ModelShape::Family::llava) specials = 3;
  if (shape.family == ModelShape::Family::minicpmv) specials = 3 + minicpmv_tokens.size();
  return static_cast<std::uint32_t>(256 + specials) + words_min;
}

SynthVocabulary make_synth_vocabulary(const ModelShape& shape) {
  check(shape.decoder.vocabulary >= vocabulary_min(shape),
        "a synthesised vocabulary has room for what every model needs");
  switch (shape.family) {
    case ModelShape::Family::idefics3:
      return idefics3_vocabulary(shape);
    case ModelShape::Family::llava:
      return llama_vocabulary(shape, {}, llava_template);
    case ModelShape::Family::qwen_vl:
      return qwen_vocabulary(shape, qwen_vl_tokens);
    case ModelShape::Family::gemma3:
      return gemma3_vocabulary(shape);
    case ModelShape::Family::internvl:
      return qwen_vocabulary(shape, internvl_tokens);
    case ModelShape::Family::minicpmv:
      return llama_vocabulary(shape, minicpmv_tokens, chatml_template);
  }
  std::unreachable();
}

}  // namespace fovea::llama
