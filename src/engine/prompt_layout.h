// PromptLayout: a prompt as the items that a decoder prefills: text tokens and tiles of images in turn.
//
// The layout needs only the images' sizes, so it is known before their embeddings are. A cached prefix ends
// behind an item, and an item is the least that can be prefilled. Immutable once laid out; thread-safe.
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

// What a decoder prefills in one piece: a text token, or a tile.
struct PromptItem {
  std::int32_t token = 0;       // of text
  std::optional<TileRef> tile;  // then `token` means nothing
};

class PromptLayout {
 public:
  virtual ~PromptLayout() = default;

  std::span<const PromptItem> items() const { return items_; }
  // How many of the decoder's tokens the first `items` items take; a tile takes many.
  // REQUIRES: items <= items().size().
  std::uint32_t tokens(std::size_t items) const { return items == 0 ? 0 : token_ends_[items - 1]; }
  std::uint32_t tokens() const { return tokens(items_.size()); }
  // How many of them are images'.
  std::uint32_t image_tokens() const { return image_tokens_; }
  // The number of items up to and including the last tile; 0 without images.
  std::size_t items_with_pictures() const { return items_with_pictures_; }

 protected:
  void append(const PromptItem& item, std::uint32_t tokens) {
    token_ends_.push_back(this->tokens() + tokens);
    items_.push_back(item);
    if (!item.tile) return;
    items_with_pictures_ = items_.size();
    image_tokens_ += tokens;
  }

 private:
  std::vector<PromptItem> items_;
  std::vector<std::uint32_t> token_ends_;  // by item
  std::size_t items_with_pictures_ = 0;
  std::uint32_t image_tokens_ = 0;
};

}  // namespace fovea
