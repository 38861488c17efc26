// What requests at the same time share: a whole answer, a picture's tiles, one tile. Each is computed by whoever comes
// first; the others wait, and then find it in its level. Where it is not there (the level is full of better, say), the
// answer and the tile are handed over all the same, and a picture is looked at again.
//
// A request that may not read or may not write the cache shares nothing. Whoever boards a flight asks the level again,
// since the one before it may have landed in between.
#include <utility>

#include "pipeline/keys.h"
#include "pipeline/request_run.h"
#include "pipeline/stored_response.h"
#include "pipeline/timed.h"

namespace fovea {

Result<Answer> RequestRun::coalesce() {
  const bool shares = response_key_ && request_.cache.read && request_.cache.write && !request_.no_cache_read;
  if (!shares) {
    auto answer = compute();
    if (answer) store(*answer);
    return answer;
  }
  std::optional<Answer> own;
  const auto compute_it = [&]() -> Result<Blob> {
    if (pipeline_.responses_.contains(*response_key_)) own = stored_answer();
    if (own) return Blob();
    auto answer = compute();
    if (!answer) return std::unexpected(answer.error());
    own = std::move(*answer);
    return to_be_stored(*own).to_blob();
  };
  const auto publish = [&](const Blob& response) {
    if (!response.empty()) store(*own);
  };
  const Stopwatch waiting;
  auto shared = pipeline_.answers_in_flight_.run(*response_key_, compute_it, publish, caller_.stop);
  if (!shared) return std::unexpected(shared.error());
  if (own) return *std::move(own);
  report_.times.wait_ms += waiting.elapsed_ms();
  if (auto taken = joined_answer(*shared)) return *std::move(taken);
  auto answer = compute();
  if (answer) store(*answer);
  return answer;
}

// The answer that another request has just computed.
std::optional<Answer> RequestRun::joined_answer(const SingleFlight::Shared& shared) {
  if (auto stored = stored_answer()) return stored;
  const auto response = StoredResponse::from_blob(shared.value);
  return response ? std::optional(replay(*response)) : std::nullopt;
}

Result<RequestRun::Tiles> RequestRun::tiles_of(RequestImage& picture, ImageReport& report) {
  Tiles tiles = known_tiles(picture);
  if (tiles.complete()) return tiles;
  if (uses_embeddings() && request_.cache.read && request_.cache.write) {
    const Key key = tiling_key(scope_, pipeline_.engine_.vision_fingerprint(), picture.image_key);
    const auto make = [&]() -> Result<Blob> {
      if (made_meanwhile(tiles, key)) tiles = known_tiles(picture);
      if (tiles.complete()) return Blob();
      auto made = make_tiles(picture, tiles, report);
      return made ? Result<Blob>(Blob()) : std::unexpected(made.error());
    };
    const Stopwatch waiting;
    auto shared = pipeline_.pictures_in_flight_.run(key, make, [](const Blob&) {}, caller_.stop);
    if (!shared) return std::unexpected(shared.error());
    if (tiles.complete()) return tiles;
    report_.times.wait_ms += waiting.elapsed_ms();
    tiles = known_tiles(picture);
    if (tiles.complete()) return tiles;
  }
  if (auto made = make_tiles(picture, tiles, report); !made) return std::unexpected(made.error());
  return tiles;
}

// Whether all that `tiles` lacks is there now. Asks without counting.
bool RequestRun::made_meanwhile(const Tiles& tiles, const Key& tiling) const {
  if (tiles.keys.empty()) return pipeline_.tilings_.contains(tiling);
  return std::ranges::all_of(tiles.keys, [&](const Key& key) { return pipeline_.embeddings_.contains(key); });
}

Result<void> RequestRun::make_tile(TiledImage& tiled, std::size_t tile, Tiles& tiles) {
  const Key* key = uses_embeddings() ? &tiles.keys[tile] : nullptr;
  double& took_ms = tiles.encode_ms[tile];
  const auto compute_it = [&]() -> Result<Blob> {
    if (key != nullptr && request_.cache.read && pipeline_.embeddings_.contains(*key)) {
      if (auto hit = pipeline_.embeddings_.find(*key)) take(std::move(*hit), tile, tiles);
    }
    return tiles.found[tile] ? tiles.embeddings[tile] : encode(tiled, tile, key, took_ms);
  };
  const auto publish = [&](const Blob& embedding) {
    if (key != nullptr && request_.cache.write && !tiles.found[tile]) keep_tile(*key, embedding, took_ms);
  };
  if (key == nullptr || !request_.cache.read || !request_.cache.write) {
    auto embedding = compute_it();
    if (!embedding) return std::unexpected(embedding.error());
    publish(*embedding);
    tiles.embeddings[tile] = std::move(*embedding);
    return {};
  }
  auto shared = pipeline_.tiles_in_flight_.run(*key, compute_it, publish, caller_.stop);
  if (!shared) return std::unexpected(shared.error());
  tiles.embeddings[tile] = shared->value;
  if (shared->joined) take(pipeline_.embeddings_.find(*key).value_or(LevelHit{shared->value, 0}), tile, tiles);
  return {};
}

}  // namespace fovea
