// Requests that need the same image at the same time preprocess it once, and those that need the same tile of
// different images encode it once. Whoever waited then finds it in the store; where it was not admitted (the
// level is full of better, say), a tile is handed over all the same, and an image is looked for again. A
// request that may not read or may not write the cache shares nothing. A request that gets a flight of its
// own asks the store again, since the flight before it may have ended in between.
//
// Processes with a common tier share tiles too, by leases. A tile that another process encodes is left for
// last, so that two processes with one new image encode a part of it each; then it is waited for, and taken
// from the tier.
#include "pipeline/levels/image_encode.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "pipeline/levels/keys.h"
#include "pipeline/timed.h"
#include "store/await_lease.h"

namespace fovea {

bool uses_embeddings(const EmbeddingLevel::Parts& parts, const RequestContext& context) {
  return parts.on && (context.request.cache.read || context.request.cache.write);
}

std::optional<KnownTiling> known_tiling(const EmbeddingLevel::Parts& parts, const RequestContext& context,
                                        const RequestImage& image) {
  if (!uses_embeddings(parts, context) || !context.request.cache.read) return std::nullopt;
  const Key key = tiling_key(context.scope.name, parts.engine.vision_fingerprint(), image.identity());
  const auto known = parts.tilings.find(key, context.scope.id, {.stop = context.caller.stop});
  if (!known) return std::nullopt;
  auto tiles = StoredTiling::from_payload(known->payload);
  const auto sizes = parts.engine.embedding_sizes(image.width, image.height);
  if (!tiles || !sizes || sizes->size() != tiles->embedding_keys.size()) return std::nullopt;
  return KnownTiling{std::move(*tiles), *sizes, known->header.cost_ms};
}

ImageEncode::ImageEncode(EmbeddingLevel& level, RequestContext& context, RequestImage& image, ImageReport& report)
    : level_(level),
      parts_(level.parts_),
      context_(context),
      image_(image),
      report_(report),
      used_(uses_embeddings(parts_, context)),
      tiling_key_(tiling_key(context.scope.name, parts_.engine.vision_fingerprint(), image.identity())) {}

bool ImageEncode::shares() const { return used_ && context_.request.cache.read && context_.request.cache.write; }

bool ImageEncode::complete() const {
  return !embeddings_.empty() && std::ranges::none_of(embeddings_, [](const Blob& blob) { return blob.empty(); });
}

Result<std::vector<Blob>> ImageEncode::run() {
  find_known();
  if (complete()) return finish();
  if (shares()) {
    const auto make_it = [&]() -> Result<Blob> {
      if (made_meanwhile()) find_known();
      if (complete()) return Blob();
      auto made = make();
      return made ? Result<Blob>(Blob()) : std::unexpected(made.error());
    };
    const Stopwatch waiting;
    auto shared = level_.images_in_flight_.run(tiling_key_, make_it, [](const Blob&) {}, context_.caller.stop);
    if (!shared) return std::unexpected(shared.error());
    if (complete()) return finish();
    context_.report.times.wait_ms += waiting.elapsed_ms();
    find_known();
    if (complete()) return finish();
  }
  if (auto made = make(); !made) return std::unexpected(made.error());
  return finish();
}

// What is stored of an image that was preprocessed before. An embedding of another shape than the model reads
// is no hit.
void ImageEncode::find_known() {
  const Timed timed(context_.report.times.lookup_ms);
  auto known = known_tiling(parts_, context_, image_);
  if (!known) return take_compared();
  tiling_stored_ = true;
  keys_ = std::move(known->tiles.embedding_keys);
  encode_ms_ = std::move(known->tiles.encode_ms);
  embeddings_.assign(keys_.size(), {});
  found_.assign(keys_.size(), false);
  found_in_.assign(keys_.size(), TierKind::memory);
  auto records = parts_.embeddings.find_many(keys_, context_.scope.id, {.stop = context_.caller.stop});
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (records[i] && records[i]->payload.size() == known->bytes[i]) take(std::move(*records[i]), i);
  }
  if (complete() && !image_.compared) saved_preprocess_ms_ = known->preprocess_ms;
  take_compared();
}

// What comparing the frame found: the keys of its tiles, and the embeddings of those that it takes.
void ImageEncode::take_compared() {
  if (!image_.compared) return;
  const std::vector<ComparedTile>& tiles = image_.compared->tiles;
  const auto is_key = [](const ComparedTile& tile, const Key& key) { return tile.tile.embedding_key == key; };
  if (!std::ranges::equal(tiles, keys_, is_key)) {
    keys_.clear();
    for (const ComparedTile& tile : tiles) keys_.push_back(tile.tile.embedding_key);
    embeddings_.assign(keys_.size(), {});
    encode_ms_.assign(keys_.size(), 0);
    found_.assign(keys_.size(), false);
    found_in_.assign(keys_.size(), TierKind::memory);
    auto records = parts_.embeddings.find_many(keys_, context_.scope.id, {.stop = context_.caller.stop});
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (records[i]) take_fitting(std::move(*records[i]), i);
    }
  }
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    if (!tiles[i].is_taken() || !embeddings_[i].empty()) continue;
    take({.header = {.cost_ms = tiles[i].tile.encode_ms}, .payload = tiles[i].tile.embedding}, i);
  }
}

// Whether all that is missing is there now. Asks without counting.
bool ImageEncode::made_meanwhile() const {
  if (keys_.empty()) return parts_.tilings.contains(tiling_key_);
  return std::ranges::all_of(keys_, [&](const Key& key) { return parts_.embeddings.contains(key); });
}

// Preprocesses the image and makes what is missing.
Result<void> ImageEncode::make() {
  auto tiled = preprocessed();
  if (!tiled) return std::unexpected(tiled.error());
  context_.parts_cost_ms += tiled->took_ms;
  if (auto made = make_tiles(*tiled->image); !made) return made;
  if (!tiling_stored_ && used_ && context_.request.cache.write) store_tiling(tiled->took_ms);
  return {};
}

Result<ImageEncode::Preprocessed> ImageEncode::preprocessed() {
  // Comparing the frame took that time already.
  if (image_.compared && image_.compared->tiled)
    return Preprocessed{std::move(image_.compared->tiled), image_.compared->preprocess_ms};
  const Stopwatch preprocessing;
  if (auto pixels = parts_.aliases.need_pixels(image_); !pixels) return std::unexpected(pixels.error());
  report_.decoded = report_.preprocessed = true;
  auto tiled = parts_.engine.preprocess(*image_.decoded);
  image_.decoded.reset();  // its tiles are all that is needed now
  if (!tiled) return std::unexpected(tiled.error());
  const double took_ms = preprocessing.elapsed_ms();
  context_.report.times.preprocess_ms += took_ms;
  return Preprocessed{std::move(*tiled), took_ms};
}

Result<void> ImageEncode::make_tiles(TiledImage& tiled) {
  const std::size_t count = tiled.tile_count();
  const bool was_known = !keys_.empty();
  check(!was_known || keys_.size() == count, "an image of one size has the same number of tiles every time");
  embeddings_.resize(count);
  encode_ms_.resize(count);
  found_.resize(count);
  found_in_.resize(count);
  std::vector<std::size_t> elsewhere;
  SteadyTime until{};
  for (std::size_t i = 0; i < count; ++i) {
    if (!was_known && used_) {
      if (auto hashed = hash_tile(tiled, i); !hashed) return hashed;
    }
    if (shares() && embeddings_[i].empty() && is_elsewhere(i, until)) {
      elsewhere.push_back(i);
      continue;
    }
    if (!embeddings_[i].empty()) continue;
    if (auto made = make_tile(tiled, i); !made) return made;
  }
  return make_elsewhere(tiled, elsewhere, until);
}

// Whether another process encodes the tile; a tile that it has made meanwhile is taken. All of the image's
// waits together end with its first lease.
bool ImageEncode::is_elsewhere(std::size_t tile, SteadyTime& until) {
  Store::LeaseAnswer answer = parts_.embeddings.acquire_lease(keys_[tile], context_.scope.id);
  if (answer.record) take_fitting(std::move(*answer.record), tile);
  if (answer.record || !answer.wait) return false;
  if (until == SteadyTime{}) until = std::chrono::steady_clock::now() + *answer.wait;
  return true;
}

Result<void> ImageEncode::make_elsewhere(TiledImage& tiled, std::span<const std::size_t> tiles, SteadyTime until) {
  for (const std::size_t tile : tiles) {
    {
      const Timed timed(context_.report.times.wait_ms);
      auto made = await_lease(parts_.embeddings, keys_[tile], context_.scope.id, context_.caller.stop, until);
      if (!made) return std::unexpected(made.error());
      if (*made && take_fitting(std::move(**made), tile)) continue;
    }
    if (auto made = make_tile(tiled, tile); !made) return made;
  }
  return {};
}

// Appends the tile's key, and takes its embedding if another image with the same tile left it.
Result<void> ImageEncode::hash_tile(TiledImage& tiled, std::size_t tile) {
  const Timed timed(context_.report.times.hash_ms);
  const auto input = parts_.engine.tile_input(tiled, tile, context_.caller);
  if (!input) return std::unexpected(input.error());
  keys_.push_back(embedding_key(context_.scope.name, parts_.engine.vision_fingerprint(), *input));
  if (context_.request.cache.read) find_tile(tile);
  return {};
}

// Whether the model reads an embedding of these bytes for the tile. Where it cannot tell beforehand, it may.
bool ImageEncode::fits(std::size_t tile, const Blob& embedding) {
  if (!sizes_) sizes_ = parts_.engine.embedding_sizes(image_.width, image_.height).value_or(std::vector<std::size_t>());
  return sizes_->empty() || (tile < sizes_->size() && embedding.size() == (*sizes_)[tile]);
}

bool ImageEncode::find_tile(std::size_t tile) {
  auto record = parts_.embeddings.find(keys_[tile], context_.scope.id, {.stop = context_.caller.stop});
  return record && take_fitting(std::move(*record), tile);
}

bool ImageEncode::take_fitting(Record record, std::size_t tile) {
  if (!fits(tile, record.payload)) return false;
  take(std::move(record), tile);
  return true;
}

Result<void> ImageEncode::make_tile(TiledImage& tiled, std::size_t tile) {
  const auto compute = [&]() -> Result<Blob> {
    const bool found =
        used_ && context_.request.cache.read && parts_.embeddings.contains(keys_[tile]) && find_tile(tile);
    auto embedding = found ? Result<Blob>(embeddings_[tile]) : encode(tiled, tile);
    if (shares() && (found || !embedding)) parts_.embeddings.release_lease(keys_[tile]);
    return embedding;
  };
  if (!shares()) {
    auto embedding = compute();
    if (!embedding) return std::unexpected(embedding.error());
    const bool stored = used_ && context_.request.cache.write && !found_[tile];
    embeddings_[tile] = stored ? store_tile(tile, *embedding) : std::move(*embedding);
    return {};
  }
  const auto publish = [&](const Blob& embedding) {
    if (!found_[tile]) embeddings_[tile] = store_tile(tile, embedding);
  };
  auto shared = level_.tiles_in_flight_.run(keys_[tile], compute, publish, context_.caller.stop);
  if (!shared) return std::unexpected(shared.error());
  if (shared->joined && !find_tile(tile)) take({.header = {}, .payload = std::move(shared->value)}, tile);
  return {};
}

// Encodes one tile.
Result<Blob> ImageEncode::encode(TiledImage& tiled, std::size_t tile) {
  check(!image_.compared || !image_.compared->tiles[tile].is_near(), "a near tile has the embedding that it takes");
  if (context_.listener.on_encode) context_.listener.on_encode(tile, tiled.tile_count());
  const Stopwatch encoding;
  auto encoded = parts_.engine.encode(tiled, tile, context_.caller);
  if (!encoded) return std::unexpected(encoded.error());
  encode_ms_[tile] = encoded->took_ms;
  StageTimes& times = context_.report.times;
  times.encode_ms += encoded->took_ms;
  times.wait_ms += std::max(0.0, encoding.elapsed_ms() - encoded->took_ms);
  context_.parts_cost_ms += encoded->took_ms;
  if (used_) {
    const Outcome outcome = context_.request.cache.read ? Outcome::miss : Outcome::bypass;
    context_.report.lookups.push_back(
        {CacheLevel::embedding, keys_[tile], outcome, encoded->embedding.size(), encoded->took_ms, {}});
  }
  return std::move(encoded->embedding);
}

// Stores the tile's embedding; the result is the embedding as it lies in its record, so that memory holds it
// once.
Blob ImageEncode::store_tile(std::size_t tile, const Blob& embedding) {
  const Timed timed(context_.report.times.store_ms);
  const Key& key = keys_[tile];
  const std::uint32_t width = parts_.engine.embedding_width();
  const Blob record =
      encode_record({.kind = RecordKind::embedding,
                     .scope = context_.scope.id,
                     .cost_ms = encode_ms_[tile],
                     .importance = parts_.coherence.importance_of(key),
                     .made_unix_ms = unix_time_ms(),
                     .shape = {static_cast<std::uint32_t>(embedding.size() / sizeof(float) / width), width}},
                    embedding.bytes());
  parts_.embeddings.insert(key, record, {.tenant = context_.scope.tenant, .images = std::span(&image_.image_key, 1)});
  const auto stored = view_record(record);
  return stored ? stored->payload : embedding;
}

void ImageEncode::store_tiling(double preprocess_ms) {
  const StoredTiling tiling{image_.identity(), keys_, encode_ms_};
  const Blob record = encode_record({.kind = RecordKind::tiling,
                                     .scope = context_.scope.id,
                                     .cost_ms = preprocess_ms,
                                     .made_unix_ms = unix_time_ms()},
                                    tiling.payload().written());
  const std::vector<Key> labels = image_.made_from().labels();
  parts_.tilings.insert(tiling_key_, record, {.tenant = context_.scope.tenant, .images = labels});
}

// The tile's embedding was found.
void ImageEncode::take(Record record, std::size_t tile) {
  embeddings_[tile] = std::move(record.payload);
  encode_ms_[tile] = record.header.cost_ms;
  found_in_[tile] = record.found_in;
  found_[tile] = true;
}

// Tells of the image's tiles.
std::vector<Blob> ImageEncode::finish() {
  report_.tiles = static_cast<std::uint32_t>(embeddings_.size());
  context_.save(saved_preprocess_ms_);
  for (std::size_t i = 0; i < embeddings_.size(); ++i) {
    if (!found_[i]) continue;
    ++report_.tiles_hit;
    context_.report.lookups.push_back(
        {CacheLevel::embedding, keys_[i], Outcome::hit, embeddings_[i].size(), encode_ms_[i], {}, found_in_[i]});
    context_.save(encode_ms_[i]);
  }
  context_.embedding_keys.insert(context_.embedding_keys.end(), keys_.begin(), keys_.end());
  tell_compared();
  return std::move(embeddings_);
}

// Of the tiles that are not taken for others, so that later frames may be taken for them.
void ImageEncode::tell_compared() {
  if (!image_.compared) return;
  for (std::size_t i = 0; i < embeddings_.size(); ++i) {
    ComparedTile& compared = image_.compared->tiles[i];
    if (compared.is_near()) continue;
    compared.tile.embedding = embeddings_[i];
    compared.tile.encode_ms = encode_ms_[i];
  }
}

}  // namespace fovea
