// The texts are sorted. From a place in a text, the range of those that begin with what is there is narrowed
// byte by byte. So a place costs a table look-up mostly, and at most the length of the longest token times
// the logarithm of their number.
#include "engine/llama/vocabulary/control_tokens.h"

#include <algorithm>
#include <cctype>
#include <tuple>
#include <utility>

namespace fovea::llama {

namespace {

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

// The shortest is "<s>". Some vocabularies have blanks and single characters of these types.
bool is_written(std::string_view text) {
  constexpr std::size_t shortest = 3;
  return text.size() >= shortest && std::ranges::any_of(text, [](char c) { return std::isgraph(byte_of(c)) != 0; });
}

// Words of a language are such tokens too, and a template may have them.
bool is_markup(std::string_view text) { return text.find_first_of("<>[]{}|") != std::string_view::npos; }

}  // namespace

ControlTokens::ControlTokens(std::vector<std::string> texts) : texts_(std::move(texts)) {
  std::erase(texts_, std::string());
  std::ranges::sort(texts_);
  texts_.erase(std::ranges::unique(texts_).begin(), texts_.end());
  for (const std::string& text : texts_) begins_[byte_of(text.front())] = true;
}

// Of the longest control token that `text` begins with; 0 = none.
std::size_t ControlTokens::length_at(std::string_view text) const {
  std::size_t longest = 0;
  auto first = texts_.begin();
  auto last = texts_.end();
  for (std::size_t depth = 0; depth < text.size(); ++depth) {
    const auto byte_at = [depth](const std::string& token) {
      return token.size() > depth ? static_cast<int>(byte_of(token[depth])) : -1;
    };
    std::tie(first, last) = [&] {
      const auto range = std::ranges::equal_range(first, last, static_cast<int>(byte_of(text[depth])), {}, byte_at);
      return std::pair(range.begin(), range.end());
    }();
    if (first == last) break;
    if (first->size() == depth + 1) longest = depth + 1;  // the shortest of a range is its first
  }
  return longest;
}

std::optional<ControlTokens::Place> ControlTokens::find(std::string_view text, std::size_t from) const {
  if (texts_.empty()) return std::nullopt;
  for (std::size_t at = from; at < text.size(); ++at) {
    if (!begins_[byte_of(text[at])]) continue;
    if (const std::size_t length = length_at(text.substr(at)); length > 0) return Place{at, length};
  }
  return std::nullopt;
}

ProtectedTokens protected_tokens(const llama_vocab& vocab, std::string_view template_source) {
  std::vector<std::string> anyone, model;
  for (llama_token token = 0; token < llama_vocab_n_tokens(&vocab); ++token) {
    const int attributes = llama_vocab_get_attr(&vocab, token);
    const std::string_view text = llama_vocab_get_text(&vocab, token);
    if (!is_written(text)) continue;
    const bool control = (attributes & LLAMA_TOKEN_ATTR_CONTROL) != 0;
    const bool unknown = (attributes & LLAMA_TOKEN_ATTR_UNKNOWN) != 0;
    const bool defined = (attributes & LLAMA_TOKEN_ATTR_USER_DEFINED) != 0 && is_markup(text);
    if (control) model.emplace_back(text);
    if (control || unknown || (defined && template_source.contains(text))) anyone.emplace_back(text);
  }
  return {ControlTokens(std::move(anyone)), ControlTokens(std::move(model))};
}

}  // namespace fovea::llama
