// The embedding level's part of an answer: each picture that is still to be read comes as its tiles' embeddings, found
// or made.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "pipeline/keys.h"
#include "pipeline/request_run.h"
#include "pipeline/stored_tiling.h"
#include "pipeline/timed.h"

namespace fovea {

bool RequestRun::uses_embeddings() const {
  return pipeline_.keeps_embeddings() && (request_.cache.read || request_.cache.write);
}

// Finds or makes the embeddings of the pictures that the decoder has still to read behind the `held` items.
Result<void> RequestRun::embed_pictures(std::size_t cached_items) {
  embeddings_.resize(pictures_.size());
  for (std::size_t i = 0; i < layout_->items().size(); ++i) {
    if (const auto& tile = layout_->items()[i].tile) report_.images[tile->image].cached_items = i < cached_items;
  }
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    ImageReport& report = report_.images[i];
    if (report.cached_items || !embeddings_[i].empty()) continue;
    auto made = embed(pictures_[i], report);
    if (!made) return std::unexpected(made.error());
    embeddings_[i] = std::move(*made);
  }
  if (pictures_.empty())
    report_.embedding_bypass = "the request has no pictures";
  else if (std::ranges::all_of(embeddings_, &std::vector<Blob>::empty))
    report_.embedding_bypass = "the decoder's state behind the pictures was kept";
  else if (!pipeline_.keeps_embeddings())
    report_.embedding_bypass = "the embedding cache is off";
  else if (!request_.cache.read)
    report_.embedding_bypass = "the request asked not to read the cache";
  else {
    report_.embedding_bypass.clear();
    const bool all = std::ranges::all_of(
        report_.images, [](const ImageReport& image) { return image.cached_items || image.tiles_hit == image.tiles; });
    report_.embedding = all ? Outcome::hit : Outcome::miss;
  }
  return {};
}

// The picture's tiles: found where they are stored, otherwise cut and encoded. The picture is cut only if a tile is
// missing.
Result<std::vector<Blob>> RequestRun::embed(RequestImage& picture, ImageReport& report) {
  auto tiles = tiles_of(picture, report);
  if (!tiles) return std::unexpected(tiles.error());
  report.tiles = static_cast<std::uint32_t>(tiles->embeddings.size());
  save(tiles->preprocess_ms);
  for (std::size_t i = 0; i < tiles->embeddings.size(); ++i) {
    if (!tiles->found[i]) continue;
    ++report.tiles_hit;
    const std::uint64_t bytes = tiles->embeddings[i].size();
    report_.lookups.push_back({TraceLevel::embedding, tiles->keys[i], Outcome::hit, bytes, tiles->encode_ms[i], {}});
    save(tiles->encode_ms[i]);
  }
  embedding_keys_.insert(embedding_keys_.end(), tiles->keys.begin(), tiles->keys.end());
  return std::move(tiles->embeddings);
}

// What is stored of how the picture was cut, if it was and what is stored fits the model's way to cut.
std::optional<RequestRun::KnownTiling> RequestRun::known_tiling(const RequestImage& picture) {
  if (!uses_embeddings() || !request_.cache.read) return std::nullopt;
  const auto known =
      pipeline_.tilings_.find(tiling_key(scope_, pipeline_.engine_.vision_fingerprint(), picture.image_key));
  if (!known) return std::nullopt;
  auto tiles = StoredTiling::from_blob(known->value);
  const auto sizes = pipeline_.engine_.embedding_sizes(picture.width, picture.height);
  if (!tiles || !sizes || sizes->size() != tiles->embedding_keys.size()) return std::nullopt;
  return KnownTiling{std::move(*tiles), *sizes, known->cost_ms};
}

void RequestRun::count_held() {
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    if (embeddings_[i].empty()) count_held(pictures_[i], report_.images[i]);
  }
}

// A picture whose embeddings are not needed: what they once took is saved all the same.
void RequestRun::count_held(const RequestImage& picture, ImageReport& report) {
  const Timed timed(report_.times.lookup_ms);
  const auto known = known_tiling(picture);
  if (!known) return;
  report.tiles = static_cast<std::uint32_t>(known->bytes.size());
  for (std::size_t i = 0; i < known->bytes.size(); ++i) {
    const Key& key = embedding_keys_.emplace_back(known->tiles.embedding_keys[i]);
    const double encode_ms = known->tiles.encode_ms[i];
    report_.lookups.push_back({TraceLevel::embedding, key, Outcome::bypass, known->bytes[i], encode_ms, {}});
    save(encode_ms);
  }
  save(known->preprocess_ms);
}

// What is stored of a picture that was cut before; no keys if it was not. A value of another shape than the model
// reads is no hit.
RequestRun::Tiles RequestRun::known_tiles(const RequestImage& picture) {
  const Timed timed(report_.times.lookup_ms);
  auto known = known_tiling(picture);
  if (!known) return {};

  Tiles tiles{.keys = std::move(known->tiles.embedding_keys), .encode_ms = std::move(known->tiles.encode_ms)};
  tiles.embeddings.resize(tiles.keys.size());
  tiles.found.resize(tiles.keys.size());
  for (std::size_t i = 0; i < tiles.keys.size(); ++i) {
    auto hit = pipeline_.embeddings_.find(tiles.keys[i]);
    if (hit && hit->value.size() == known->bytes[i]) take(std::move(*hit), i, tiles);
  }
  if (tiles.complete()) tiles.preprocess_ms = known->preprocess_ms;
  return tiles;
}

// Cuts the picture and fills in what `tiles` lacks, from the level or the encoder.
Result<void> RequestRun::make_tiles(RequestImage& picture, Tiles& tiles, ImageReport& report) {
  const Stopwatch cutting;
  if (auto pixels = pipeline_.pictures_.need_pixels(picture); !pixels) return std::unexpected(pixels.error());
  report.decoded = report.preprocessed = true;
  auto tiled = pipeline_.engine_.preprocess(*picture.image);
  picture.image.reset();  // its tiles are all that is needed now
  if (!tiled) return std::unexpected(tiled.error());
  const double preprocess_ms = cutting.elapsed_ms();
  report_.times.preprocess_ms += preprocess_ms;
  parts_cost_ms_ += preprocess_ms;

  const std::size_t count = (*tiled)->tile_count();
  const bool was_known = !tiles.keys.empty();
  check(!was_known || tiles.keys.size() == count,
        "a picture of one size is cut into the same number of tiles every time");
  tiles.embeddings.resize(count);
  tiles.encode_ms.resize(count);
  tiles.found.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!was_known && uses_embeddings()) {
      if (auto named = name_tile(**tiled, i, tiles); !named) return named;
    }
    if (!tiles.embeddings[i].empty()) continue;
    if (auto made = make_tile(**tiled, i, tiles); !made) return made;
  }
  if (!was_known && uses_embeddings() && request_.cache.write) {
    const Key key = tiling_key(scope_, pipeline_.engine_.vision_fingerprint(), picture.image_key);
    pipeline_.tilings_.insert(key, StoredTiling{picture.image_key, tiles.keys, tiles.encode_ms}.to_blob(),
                              {.cost_ms = preprocess_ms, .tenant = tenant_});
  }
  return {};
}

// Appends the tile's key, and takes its embedding if another picture with the same tile left it.
Result<void> RequestRun::name_tile(TiledImage& tiled, std::size_t tile, Tiles& tiles) {
  const Timed timed(report_.times.hash_ms);
  const auto input = pipeline_.engine_.tile_input(tiled, tile, caller_);
  if (!input) return std::unexpected(input.error());
  const Key& key = tiles.keys.emplace_back(embedding_key(scope_, pipeline_.engine_.vision_fingerprint(), *input));
  if (!request_.cache.read) return {};
  if (auto hit = pipeline_.embeddings_.find(key)) take(std::move(*hit), tile, tiles);
  return {};
}

// Encodes one tile, whose embedding `key` names, if anything does.
Result<Blob> RequestRun::encode(TiledImage& tiled, std::size_t tile, const Key* key, double& took_ms) {
  if (listener_.on_encode) listener_.on_encode(tile, tiled.tile_count());
  const Stopwatch encoding;
  auto encoded = pipeline_.engine_.encode(tiled, tile, caller_);
  if (!encoded) return std::unexpected(encoded.error());
  took_ms = encoded->took_ms;
  report_.times.encode_ms += took_ms;
  report_.times.wait_ms += std::max(0.0, encoding.elapsed_ms() - took_ms);
  parts_cost_ms_ += took_ms;
  if (key) {
    const Outcome outcome = request_.cache.read ? Outcome::miss : Outcome::bypass;
    report_.lookups.push_back({TraceLevel::embedding, *key, outcome, encoded->embedding.size(), took_ms, {}});
  }
  return std::move(encoded->embedding);
}

void RequestRun::keep_tile(const Key& key, const Blob& embedding, double cost_ms) {
  const Timed timed(report_.times.store_ms);
  const float importance = pipeline_.coherence_.importance_of(key);
  pipeline_.embeddings_.insert(key, embedding, {.cost_ms = cost_ms, .importance = importance, .tenant = tenant_});
}

// The tile's embedding was found.
void RequestRun::take(LevelHit hit, std::size_t tile, Tiles& tiles) {
  tiles.embeddings[tile] = std::move(hit.value);
  tiles.encode_ms[tile] = hit.cost_ms;
  tiles.found[tile] = true;
}

void RequestRun::save(double cost_ms) {
  report_.saved_ms += cost_ms;
  parts_cost_ms_ += cost_ms;
}

}  // namespace fovea
