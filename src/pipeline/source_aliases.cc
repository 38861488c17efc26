// An alias is no tenant's: it says what bytes decode to, and whoever asks has the bytes. So all aliases have
// one scope.
#include "pipeline/source_aliases.h"

#include <algorithm>
#include <thread>

#include "base/clock.h"
#include "image/source.h"
#include "store/byte_io.h"
#include "store/level_stores.h"

namespace fovea {

namespace {

// About 17,000 sources: an alias saves a decode of some milliseconds and is small.
constexpr std::uint64_t alias_bytes_max = 16 << 20;

const Key& everybody() {
  static const Key scope = KeyBuilder("fovea/alias-scope/1").finish();
  return scope;
}

bool take_alias(const Blob& payload, RequestImage& image) {
  ByteReader in(payload.bytes());
  image.image_key = in.key();
  image.width = in.u32();
  image.height = in.u32();
  return in.finished();
}

Blob alias_of(const RequestImage& image, double decode_ms) {
  ByteWriter payload;
  payload.key(image.image_key).u32(image.width).u32(image.height);
  return encode_record(
      {.kind = RecordKind::source_alias, .scope = everybody(), .cost_ms = decode_ms, .made_unix_ms = unix_time_ms()},
      payload.written());
}

}  // namespace

// What is composed of several pictures' tiles is found by none of these.
MadeFrom RequestImage::made_from() const {
  if (identity() == image_key) return {.named = {image_key}, .others = {}};
  const std::vector<Key>& taken = compared->taken_from;
  if (std::ranges::contains(taken, compared->identity)) return {.named = {compared->identity}, .others = {image_key}};
  MadeFrom images{.named = {}, .others = {image_key}};
  images.add({.named = {}, .others = taken});
  return images;
}

SourceAliases::SourceAliases(DecodeLimits limits, const Tiers* tiers)
    : limits_(limits),
      decodes_(std::max(1U, std::thread::hardware_concurrency())),
      aliases_(make_store(RecordKind::source_alias, alias_bytes_max, PolicyKind::lru, tiers)) {}

Result<RequestImage> SourceAliases::open(const ImageSource& source, bool use_alias, bool keep) {
  if (source.clip) return open_frame(source);
  RequestImage image{.source = source};
  const Key key = source_key(source.bytes.bytes());
  if (use_alias) {
    if (const auto known = aliases_->find(key, everybody()); known && take_alias(known->payload, image)) return image;
  }
  const Stopwatch decoding;
  if (auto decoded = need_pixels(image); !decoded) return std::unexpected(decoded.error());
  image.image_key = image_key(*image.decoded);
  image.width = image.decoded->width;
  image.height = image.decoded->height;
  if (keep) aliases_->insert(key, alias_of(image, decoding.elapsed_ms()), {.tenant = everybody(), .images = {}});
  return image;
}

Result<RequestImage> SourceAliases::open_frame(const ImageSource& source) const {
  const ClipFrame& frame = source.clip->frames()[source.frame];
  return RequestImage{.source = source,
                      .image_key = frame.image_key,
                      .width = frame.width,
                      .height = frame.height,
                      .decoded = source.clip->take(source.frame)};
}

Result<void> SourceAliases::need_pixels(RequestImage& image) const {
  if (image.decoded) return {};
  // A clip has permits of its own.
  const Semaphore::Permit permit = image.source.clip ? nullptr : decodes_.acquire();
  auto pixels = decoded(image.source, limits_);
  if (!pixels) return std::unexpected(pixels.error());
  image.decoded = std::move(*pixels);
  return {};
}

}  // namespace fovea
