// An image is decoded, preprocessed and read tile by tile before its answer is looked up, since every key is
// made of what the comparison finds. That is what a frame costs that would have been a response hit by its
// own key; such frames are known by their tilings and are not compared.
//
// A tile whose embedding memory has under its own key is not taken for another: the exact one costs nothing.
// One that equals the encoded tile of its place (a black bar, say) is that picture's as well as its own, so
// it does not keep the frame from being that picture. A frame takes tiles of a bounded number of pictures,
// since what is stored of it is labelled with each.
#include "pipeline/frames/frame_comparison.h"

#include <algorithm>
#include <utility>

#include "pipeline/frames/frame_keys.h"
#include "pipeline/levels/keys.h"
#include "pipeline/timed.h"

namespace fovea {

namespace {

constexpr std::size_t pictures_max = 8;
// Of one request; the images behind them are exact. Each holds its cells until it is encoded.
constexpr std::uint32_t tiles_max = 64;
// Preprocessed images are kept until they are encoded, up to so many values a request; others are
// preprocessed again.
constexpr std::uint64_t kept_values_max = 16'000'000;  // 64 MB

FrameTile frame_tile_of(NearOutcome outcome) {
  switch (outcome) {
    case NearOutcome::near:
      return FrameTile::near;
    case NearOutcome::first:
      return FrameTile::first;
    case NearOutcome::learning:
      return FrameTile::learning;
    case NearOutcome::too_noisy:
      return FrameTile::too_noisy;
    case NearOutcome::changed:
      return FrameTile::changed;
    case NearOutcome::lighter:
      return FrameTile::lighter;
    case NearOutcome::due:
      return FrameTile::due;
    case NearOutcome::unsettled:
      return FrameTile::unsettled;
  }
  return FrameTile::first;
}

// Takes the near tile for the encoded one, if the frame may.
void take(ComparedFrame& frame, ComparedTile& tile) {
  const EncodedTile& other = *tile.look->encoded;
  if (!std::ranges::contains(frame.taken_from, other.image_key)) {
    if (frame.taken_from.size() == pictures_max) {
      tile.became = FrameTile::too_many;
      return;
    }
    frame.taken_from.push_back(other.image_key);
  }
  tile.tile = other;
  tile.look.reset();
}

// An equal tile has the same embedding, and is its own frame's.
void take_same(ComparedTile& tile) {
  tile.tile.embedding = tile.look->encoded->embedding;
  tile.tile.encode_ms = tile.look->encoded->encode_ms;
}

bool is_of(const ComparedTile& tile, const Key& picture) {
  if (tile.is_near()) return tile.tile.image_key == picture;
  return tile.became == FrameTile::same && tile.look->encoded->image_key == picture;
}

// Where all tiles are those of one picture, the frame is that picture: its tiles were compared with those in
// the same places. Otherwise it is what its tiles make together.
void identify(ComparedFrame& frame, const RequestImage& image) {
  frame.identity = image.image_key;
  if (frame.taken_from.empty()) return;
  const Key& picture = frame.taken_from.front();
  if (frame.taken_from.size() == 1 &&
      std::ranges::all_of(frame.tiles, [&](const ComparedTile& tile) { return is_of(tile, picture); })) {
    frame.identity = picture;
    for (ComparedTile& tile : frame.tiles) tile.look.reset();  // the picture stays the one to compare with
    return;
  }
  std::vector<Key> keys;
  for (const ComparedTile& tile : frame.tiles) keys.push_back(tile.tile.embedding_key);
  frame.identity = composed_identity(image.width, image.height, keys);
}

bool is_taken(const RequestImage& image) { return image.compared && image.compared->is_taken(); }

// `width`: numbers in one visual token.
void tell(const ComparedFrame& frame, std::uint32_t width, ImageReport& image, FramesReport& report) {
  image.decoded = image.preprocessed = true;
  image.tiles = static_cast<std::uint32_t>(frame.tiles.size());
  image.tiles_near = static_cast<std::uint32_t>(frame.near());
  report.tiles += image.tiles;
  report.tiles_near += image.tiles_near;
  for (const ComparedTile& tile : frame.tiles) {
    ++report.tiles_by[static_cast<std::size_t>(tile.became)];
    if (tile.is_near())
      report.approximate_tokens += static_cast<std::int32_t>(tile.tile.embedding.size() / sizeof(float) / width);
  }
}

}  // namespace

FrameComparison::FrameComparison(const Parts& parts, const FrameOptions& options)
    : parts_(parts),
      tell_(options.tell),
      memory_(
          {.level = parts.engine.brightness_step(), .exact_every = options.exact_every, .bytes_max = options.bytes_max},
          options.clock != nullptr ? *options.clock : Clock::steady()) {}

Bypass FrameComparison::bypass(const RequestContext& context, std::span<const RequestImage> images) const {
  const Request& request = context.request;
  if (request.sources.empty()) return Bypass::no_images;
  if (!request.cache.read && !request.cache.write) return Bypass::no_cache;
  if (!request.cache.read) return Bypass::no_read;
  if (!request.cache.write) return Bypass::no_write;
  if (request.cache.only_stored) return Bypass::only_stored;
  if (!request.camera) return Bypass::no_camera;
  if (!parts_.embeddings_on) return Bypass::off;
  if (unreadable_) return Bypass::unreadable_input;
  const auto known = [&](const RequestImage& image) { return is_known(context, image); };
  return std::ranges::all_of(images, known) ? Bypass::known_frame : Bypass::none;
}

// Whether it was preprocessed before, exactly.
bool FrameComparison::is_known(const RequestContext& context, const RequestImage& image) const {
  return parts_.tilings.contains(tiling_key(context.scope.name, parts_.engine.vision_fingerprint(), image.image_key));
}

Result<void> FrameComparison::compare(RequestContext& context, std::span<RequestImage> images) {
  FramesReport& report = context.report.frames.emplace(FramesReport{.bypass = Bypass::known_frame});
  std::uint64_t kept_values = 0;
  for (std::size_t place = 0; place < images.size(); ++place) {
    RequestImage& image = images[place];
    if (report.tiles >= tiles_max || is_known(context, image)) continue;
    const auto values = compare_image(context, image, place);
    if (!values) return std::unexpected(values.error());
    kept_values += std::max(*values, std::uint64_t{3} * image.width * image.height);
    if (is_taken(image) || kept_values > kept_values_max) image.compared->tiled.reset();
    report.bypass = Bypass::none;
  }
  if (report.bypass != Bypass::none) return {};
  report.outcome = report.tiles_near > 0 && std::ranges::all_of(images, is_taken) ? Outcome::hit : Outcome::miss;
  const bool unreadable = report.tiles_by[static_cast<std::size_t>(FrameTile::unreadable)] == report.tiles;
  if (unreadable && !unreadable_.exchange(true) && tell_)
    tell_("this model's encoder does not show what it is fed, so frames are not compared: all are encoded, and exact");
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
    if (tile.is_near()) take(frame, tile);
    if (tile.became == FrameTile::same) take_same(tile);
  }
  identify(frame, image);
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

// The tile under its own key, and what it was found to be.
ComparedTile FrameComparison::compare_tile(const RequestContext& context, const RequestImage& image,
                                           const TilePosition& position, const TileValues& input) {
  const Key& vision = parts_.engine.vision_fingerprint();
  ComparedTile tile;
  tile.tile.embedding_key = embedding_key(context.scope.name, vision, input.input);
  tile.tile.image_key = image.image_key;
  const std::size_t values = tile_channels * input.width * input.height;
  if (values == 0 || input.values.size() != values) {
    tile.became = FrameTile::unreadable;
    return tile;
  }
  tile.look = memory_.look(tile_source(position, vision), context.scope.tenant, image.image_key,
                           {.width = input.width, .height = input.height, .values = input.values});
  tile.became = judged(context, *tile.look, tile.tile.embedding_key);
  return tile;
}

// What becomes of a tile that was looked at and has the key `own`, whatever other tiles the frame takes.
FrameTile FrameComparison::judged(const RequestContext& context, const FrameMemory::Look& look, const Key& own) const {
  if (look.encoded && look.encoded->embedding_key == own) return FrameTile::same;
  if (parts_.embeddings.contains(own)) return FrameTile::known;
  if (!look.is_near()) return look.outcome == NearOutcome::near ? FrameTile::first : frame_tile_of(look.outcome);
  const auto& age_max_s = context.request.cache.age_max_s;
  return age_max_s && look.encoded_age_s > *age_max_s ? FrameTile::too_old : FrameTile::near;
}

void FrameComparison::remember(std::span<RequestImage> images) {
  for (RequestImage& image : images) {
    if (!image.compared) continue;
    for (ComparedTile& tile : image.compared->tiles) {
      if (!tile.look || tile.is_near() || tile.tile.embedding.empty()) continue;
      memory_.encoded(*tile.look, tile.tile);
      tile.look.reset();
    }
  }
}

}  // namespace fovea
