// Answering: one request's way through the pipeline, step by step. Lives for one call of Pipeline::answer.
//
// answering.cc has the steps; what two of them do at their levels is in answering_prefixes.cc and
// answering_embeddings.cc.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "pipeline/pipeline.h"
#include "pipeline/stored_tiling.h"

namespace fovea {

class Answering {
 public:
  Answering(Pipeline& pipeline, const Request& request, const Listener& listener, std::stop_token stop);

  Result<Answer> run();

 private:
  // The steps of Algorithm 1.
  Result<void> open_pictures();
  Result<void> render();
  std::optional<Answer> stored_answer();
  Result<void> lay_out();
  std::unique_ptr<Seat> take_seat();
  Result<std::vector<std::vector<Blob>>> embed_pictures(std::size_t held);
  Result<Answer> compute(Seat& seat, std::span<const std::vector<Blob>> embeddings);
  Result<Generation> generate(Seat& seat);
  std::vector<std::vector<TilePlace>> tile_places();
  void store(const Answer& answer);
  void keep_prefixes(Seat& seat);
  void keep_prefix(Seat& seat, std::size_t items);

  struct StoredPrefix {
    std::size_t items;
    LevelHit state;
  };
  std::optional<StoredPrefix> stored_prefix(std::size_t held);

  // A picture's tiles in order: their embedding keys (none while unknown) and embeddings (empty where missing).
  struct Tiles {
    std::vector<Key> keys;
    std::vector<Blob> embeddings;
    std::vector<double> encode_ms;  // by whomever
    bool complete() const {
      return !embeddings.empty() && std::ranges::none_of(embeddings, [](const Blob& blob) { return blob.empty(); });
    }
  };
  Result<std::vector<Blob>> embed(Picture& picture, ImageReport& report);
  struct KnownTiling {
    StoredTiling tiles;
    std::vector<std::size_t> bytes;  // of each tile's embedding
    double cut_ms;
  };
  std::optional<KnownTiling> known_tiling(const Picture& picture);
  Tiles known_tiles(const Picture& picture, ImageReport& report);
  void count_held(const Picture& picture, ImageReport& report);
  Result<void> make_tiles(Picture& picture, Tiles& tiles, ImageReport& report);
  Result<void> name_tile(TiledImage& tiled, std::size_t tile, Tiles& tiles, ImageReport& report);
  Result<Blob> encode(TiledImage& tiled, std::size_t tile, const Key* key);
  void count_hit(const Key& key, const LevelHit& hit, ImageReport& report);
  void save(double cost_ms);

  bool uses_embeddings() const;
  Answer finish(Answer answer);

  Pipeline& pipeline_;
  const Request& request_;
  const Listener& listener_;
  std::stop_token stop_;
  Stopwatch since_start_;
  Report report_;
  std::vector<Picture> pictures_;
  Prompt prompt_;
  std::optional<Key> response_key_;  // absent when the response level is bypassed
  std::unique_ptr<PromptLayout> layout_;
  std::vector<Key> chain_;  // the prompt's prefix chain; empty when the prefix level is bypassed
  bool parted_ = false;     // the request before agreed on the first shared_ items, and then said something else
  std::size_t shared_ = 0;
  std::vector<Key> embedding_keys_;  // of every tile of the request, where they are known
  double parts_cost_ms_ = 0;         // what this request's embeddings and prefix cost when they were made, by whomever
};

}  // namespace fovea
