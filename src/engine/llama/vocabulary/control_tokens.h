// ControlTokens: the texts that a model's tokenizer takes for control tokens ("<|im_start|>"), and where a
// text has them. Immutable; thread-safe.
#pragma once

#include <llama.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::llama {

class ControlTokens {
 public:
  struct Place {
    std::size_t at;
    std::size_t length;
    friend bool operator==(const Place&, const Place&) = default;
  };

  ControlTokens() : ControlTokens(std::vector<std::string>()) {}
  explicit ControlTokens(std::vector<std::string> texts);

  // The first place in `text` at or behind `from` that has the text of a control token; the longest one
  // there. Takes time in proportion to the text, and hardly more with many tokens.
  std::optional<Place> find(std::string_view text, std::size_t from = 0) const;

  std::size_t size() const { return texts_.size(); }

 private:
  std::size_t length_at(std::string_view text) const;

  std::vector<std::string> texts_;  // sorted
  std::array<bool, 256> begins_{};  // by first byte
};

// What each writer's text must not be taken for.
struct ProtectedTokens {
  ControlTokens from_anyone;
  // The assistant's own earlier answers: it can write the tokens that are no control tokens by type.
  ControlTokens from_model;
};

// Those of a vocabulary whose chat template has this source. Tokens that are text by type (user-defined) are
// control tokens where the template writes them.
ProtectedTokens protected_tokens(const llama_vocab& vocab, std::string_view template_source);

}  // namespace fovea::llama
