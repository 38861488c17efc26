// An image is decoded, preprocessed and read tile by tile before anything is looked up, since every key is
// made of what the comparison finds. That is what a frame costs that would have been a response hit by its
// own key; such frames are known by their tilings and are not compared.
//
// A tile whose embedding memory has under its own key is not taken for another: the exact one costs nothing.
// A frame takes tiles of a bounded number of pictures, since what is stored of it is labelled with each.
#include "pipeline/frames/frame_comparison.h"

#include <algorithm>
#include <utility>

#include "pipeline/frames/frame_keys.h"
#include "pipeline/levels/keys.h"
#include "pipeline/timed.h"

namespace fovea {

namespace {

constexpr std::size_t pictures_max = 8;
// Of one request; the images behind them are exact. It bounds what is done before the request is refused.
constexpr std::uint32_t tiles_max = 64;
// Preprocessed images are kept until they are encoded, up to so many values a request; others are
// preprocessed again.
constexpr std::uint64_t kept_values_max = 16'000'000;  // 64 MB

// Takes the tile for `other`, if the frame may.
bool take(ComparedFrame& frame, ComparedTile& tile, const EncodedTile& other) {
  if (!std::ranges::contains(frame.taken_from, other.image_key)) {
    if (frame.taken_from.size() == pictures_max) return false;
    frame.taken_from.push_back(other.image_key);
  }
  tile.near = true;
  tile.tile = other;
  return true;
}

// Where all tiles are those of one picture, the frame is that picture: its tiles were compared with those in
// the same places. Otherwise it is what its tiles make together.
Key identity_of(const ComparedFrame& frame, const RequestImage& image) {
  if (frame.taken_from.empty()) return image.image_key;
  if (frame.near() == frame.tiles.size() && frame.taken_from.size() == 1) return frame.taken_from.front();
  std::vector<Key> keys;
  for (const ComparedTile& tile : frame.tiles) keys.push_back(tile.tile.embedding_key);
  return composed_identity(image.width, image.height, keys);
}

bool is_near(const RequestImage& image) {
  return image.compared && image.compared->near() == image.compared->tiles.size();
}

// `width`: numbers in one visual token.
void tell(const ComparedFrame& frame, std::uint32_t width, ImageReport& image, FramesReport& report) {
  image.decoded = image.preprocessed = true;
  image.tiles = static_cast<std::uint32_t>(frame.tiles.size());
  image.tiles_near = static_cast<std::uint32_t>(frame.near());
  report.tiles += image.tiles;
  report.tiles_near += image.tiles_near;
  for (const ComparedTile& tile : frame.tiles) {
    if (tile.near)
      report.approximate_tokens += static_cast<std::int32_t>(tile.tile.embedding.size() / sizeof(float) / width);
  }
}

}  // namespace

FrameComparison::FrameComparison(const Parts& parts, const FrameOptions& options)
    : parts_(parts),
      memory_({.level = parts.engine.brightness_step(),
               .exact_every = options.exact_every,
               .bytes_max = options.bytes_max}) {}

Bypass FrameComparison::bypass(const Request& request) const {
  if (request.sources.empty()) return Bypass::no_images;
  if (!request.cache.read && !request.cache.write) return Bypass::no_cache;
  if (!request.cache.read) return Bypass::no_read;
  if (!request.cache.write) return Bypass::no_write;
  if (request.cache.only_stored) return Bypass::only_stored;
  if (!request.camera) return Bypass::no_camera;
  return parts_.embeddings_on ? Bypass::none : Bypass::off;
}

Result<void> FrameComparison::compare(RequestContext& context, std::span<RequestImage> images) {
  FramesReport& report = context.report.frames.emplace(FramesReport{.bypass = Bypass::known_frame});
  std::uint64_t kept_values = 0;
  for (std::size_t place = 0; place < images.size(); ++place) {
    RequestImage& image = images[place];
    const Key own = tiling_key(context.scope.name, parts_.engine.vision_fingerprint(), image.image_key);
    if (parts_.tilings.contains(own) || report.tiles >= tiles_max) continue;
    const auto values = compare_image(context, image, place);
    if (!values) return std::unexpected(values.error());
    kept_values += std::max(*values, std::uint64_t{3} * image.width * image.height);
    if (is_near(image) || kept_values > kept_values_max) image.compared->tiled.reset();
    report.bypass = Bypass::none;
  }
  if (report.bypass == Bypass::none)
    report.outcome = std::ranges::all_of(images, is_near) ? Outcome::hit : Outcome::miss;
  return {};
}

Result<std::uint64_t> FrameComparison::compare_image(RequestContext& context, RequestImage& image, std::size_t place) {
  auto preprocessed = preprocess(context, image);
  if (!preprocessed) return std::unexpected(preprocessed.error());
  ComparedFrame& frame = **preprocessed;
  const Timed timed(context.report.times.hash_ms);
  TilePosition position{.scope = context.scope.name,
                        .camera = *context.request.camera,
                        .image = place,
                        .width = image.width,
                        .height = image.height,
                        .tile = 0,
                        .tiles = frame.tiled->tile_count()};
  std::uint64_t values = 0;
  for (; position.tile < position.tiles; ++position.tile) {
    const auto input = parts_.engine.tile_values(*frame.tiled, position.tile, context.caller);
    if (!input) return std::unexpected(input.error());
    values += input->values.size();
    ComparedTile& tile = frame.tiles.emplace_back(compare_tile(context, image, position, *input));
    if (tile.look && tile.look->near_to && take(frame, tile, *tile.look->near_to)) tile.look.reset();
  }
  frame.identity = identity_of(frame, image);
  tell(frame, parts_.engine.embedding_width(), context.report.images[place], *context.report.frames);
  image.compared = std::move(*preprocessed);
  return values;
}

Result<std::shared_ptr<ComparedFrame>> FrameComparison::preprocess(RequestContext& context, RequestImage& image) {
  const Stopwatch preprocessing;
  if (auto pixels = parts_.aliases.need_pixels(image); !pixels) return std::unexpected(pixels.error());
  auto tiled = parts_.engine.preprocess(*image.decoded);
  image.decoded.reset();  // its tiles are all that is needed now
  if (!tiled) return std::unexpected(tiled.error());
  auto frame = std::make_shared<ComparedFrame>();
  frame->tiled = std::move(*tiled);
  frame->preprocess_ms = preprocessing.elapsed_ms();
  context.report.times.preprocess_ms += frame->preprocess_ms;
  return frame;
}

// The tile under its own key, and with what it is near to, if that is to be taken.
ComparedTile FrameComparison::compare_tile(const RequestContext& context, const RequestImage& image,
                                           const TilePosition& position, const TileValues& input) {
  const Key& vision = parts_.engine.vision_fingerprint();
  ComparedTile tile;
  tile.tile.embedding_key = embedding_key(context.scope.name, vision, input.input);
  tile.tile.image_key = image.image_key;
  const std::size_t values = tile_channels * input.width * input.height;
  if (values == 0 || input.values.size() != values) return tile;
  FrameMemory::Look look = memory_.look(tile_source(position, vision), context.scope.tenant, image.image_key,
                                        {.width = input.width, .height = input.height, .values = input.values});
  const bool is_same = look.near_to && look.near_to->embedding_key == tile.tile.embedding_key;
  if (is_same || parts_.embeddings.contains(tile.tile.embedding_key)) look.near_to.reset();
  tile.look = std::move(look);
  return tile;
}

void FrameComparison::remember(std::span<RequestImage> images) {
  for (RequestImage& image : images) {
    if (!image.compared) continue;
    for (ComparedTile& tile : image.compared->tiles) {
      if (!tile.look || tile.near || tile.tile.embedding.empty()) continue;
      memory_.encoded(*tile.look, tile.tile);
      tile.look.reset();
    }
  }
}

}  // namespace fovea
