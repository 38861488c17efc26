// PromptLayout: a prompt as a decoder reads it: text tokens and tiles of pictures in turn.
//
// It is laid out from the pictures' sizes alone, before anybody knows whether their embeddings will be needed: what a
// decoder has read before it need not read again, and an item is the least it can read. Immutable; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fovea {

// One tile of one of a request's images.
struct TileRef {
  std::uint32_t image = 0;
  std::uint32_t number = 0;
  friend bool operator==(const TileRef&, const TileRef&) = default;
};

// What a decoder reads in one piece: a text token, or a tile.
struct PromptItem {
  std::int32_t token = 0;       // of text
  std::optional<TileRef> tile;  // then `token` means nothing
};

class PromptLayout {
 public:
  virtual ~PromptLayout() = default;

  std::span<const PromptItem> items() const { return items_; }
  // The decoder's tokens that the first `items` items take, a tile many of them. REQUIRES: items <= items().size().
  std::uint32_t tokens(std::size_t items) const { return items == 0 ? 0 : token_ends_[items - 1]; }
  std::uint32_t tokens() const { return tokens(items_.size()); }
  // The items up to and including the last tile; 0 without pictures.
  std::size_t items_with_pictures() const { return items_with_pictures_; }

 protected:
  void append(const PromptItem& item, std::uint32_t tokens) {
    token_ends_.push_back(this->tokens() + tokens);
    items_.push_back(item);
    if (item.tile) items_with_pictures_ = items_.size();
  }

 private:
  std::vector<PromptItem> items_;
  std::vector<std::uint32_t> token_ends_;  // by item
  std::size_t items_with_pictures_ = 0;
};

}  // namespace fovea
