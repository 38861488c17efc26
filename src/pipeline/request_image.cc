#include "pipeline/request_image.h"

#include <algorithm>
#include <cstring>
#include <thread>

#include "image/source.h"

namespace fovea {

namespace {

// About 30,000 sources: an alias saves a decode of some milliseconds and is small.
constexpr std::uint64_t alias_bytes_max = 16 << 20;

struct Alias {
  Key image_key;
  std::uint32_t width;
  std::uint32_t height;
};

}  // namespace

SourceAliases::SourceAliases(DecodeLimits limits)
    : limits_(limits),
      decodes_(std::max(1U, std::thread::hardware_concurrency())),
      aliases_(LevelOptions{.bytes_max = alias_bytes_max, .policy = PolicyKind::lru}) {}

Result<RequestImage> SourceAliases::open(const Blob& source, bool use_alias) {
  RequestImage picture{.source = source};
  const Key key = source_key(source.bytes());
  if (use_alias) {
    if (const auto known = aliases_.find(key)) {
      Alias alias;
      std::memcpy(&alias, known->value.bytes().data(), sizeof alias);
      picture.image_key = alias.image_key;
      picture.width = alias.width;
      picture.height = alias.height;
      return picture;
    }
  }
  if (auto decoded = need_pixels(picture); !decoded) return std::unexpected(decoded.error());
  picture.image_key = image_key(*picture.image);
  picture.width = picture.image->width;
  picture.height = picture.image->height;
  const Alias alias{picture.image_key, picture.width, picture.height};
  aliases_.insert(key, Blob::copy_of(std::as_bytes(std::span(&alias, 1))), 0);
  return picture;
}

Result<void> SourceAliases::need_pixels(RequestImage& picture) const {
  if (picture.image) return {};
  const Semaphore::Permit permit = decodes_.acquire();
  auto image = decode(picture.source.bytes(), limits_);
  if (!image) return std::unexpected(image.error());
  picture.image = std::move(*image);
  return {};
}

}  // namespace fovea
