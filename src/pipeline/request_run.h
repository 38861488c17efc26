// Answering: one request's way through the pipeline, step by step. Lives for one call of Pipeline::answer.
//
// answering.cc has the steps; what two of them do at their levels is in answering_prefixes.cc and
// answering_embeddings.cc, and how they share work with others in answering_with_others.cc.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "pipeline/pipeline.h"
#include "pipeline/stored_response.h"
#include "pipeline/stored_tiling.h"

namespace fovea {

class RequestRun {
 public:
  RequestRun(Pipeline& pipeline, const Request& request, const Listener& listener, std::stop_token stop);

  Result<Answer> run();
  Result<void> run_pictures();

 private:
  struct StoredPrefix {
    std::size_t items;
    LevelHit state;
  };

  // The steps of Algorithm 1.
  Result<void> open_pictures();
  Result<void> render();
  std::optional<Answer> stored_answer();
  Result<Answer> coalesce();
  std::optional<Answer> joined_answer(const SingleFlight::Shared& shared);
  Answer replay(const StoredResponse& response);
  StoredResponse to_be_stored(const Answer& answer) const;
  static double age_s(const StoredResponse& response);
  bool too_old(const StoredResponse& response) const;
  Result<Answer> compute();
  Result<void> lay_out();
  Result<void> acquire_slot(const std::optional<StoredPrefix>& prefix);
  Result<void> embed_pictures(std::size_t cached_items);
  Result<Generation> generate();
  std::vector<std::vector<TilePlace>> tile_places();
  void store(const Answer& answer);
  void keep_prefixes();
  void keep_prefix(std::size_t items);

  std::optional<StoredPrefix> stored_prefix();

  // A picture's tiles in order: their embedding keys (none while unknown), embeddings (empty where missing), and those
  // that were found.
  struct Tiles {
    std::vector<Key> keys;
    std::vector<Blob> embeddings;
    std::vector<double> encode_ms;  // by whomever
    std::vector<bool> found;
    double preprocess_ms = 0;  // saved, where all were found
    bool complete() const {
      return !embeddings.empty() && std::ranges::none_of(embeddings, [](const Blob& blob) { return blob.empty(); });
    }
  };
  Result<std::vector<Blob>> embed(RequestImage& picture, ImageReport& report);
  Result<Tiles> tiles_of(RequestImage& picture, ImageReport& report);
  struct KnownTiling {
    StoredTiling tiles;
    std::vector<std::size_t> bytes;  // of each tile's embedding
    double preprocess_ms;
  };
  std::optional<KnownTiling> known_tiling(const RequestImage& picture);
  Tiles known_tiles(const RequestImage& picture);
  bool made_meanwhile(const Tiles& tiles, const Key& tiling) const;
  void count_held();
  void count_held(const RequestImage& picture, ImageReport& report);
  Result<void> make_tiles(RequestImage& picture, Tiles& tiles, ImageReport& report);
  Result<void> name_tile(TiledImage& tiled, std::size_t tile, Tiles& tiles);
  Result<void> make_tile(TiledImage& tiled, std::size_t tile, Tiles& tiles);
  Result<Blob> encode(TiledImage& tiled, std::size_t tile, const Key* key, double& took_ms);
  void keep_tile(const Key& key, const Blob& embedding, double cost_ms);
  void take(LevelHit hit, std::size_t tile, Tiles& tiles);
  void save(double cost_ms);

  bool uses_embeddings() const;
  std::unexpected<Error> no_place() const;
  Result<Answer> finish(Result<Answer> answer);

  Pipeline& pipeline_;
  const Request& request_;
  const Listener& listener_;
  Stopwatch since_start_;
  Deadline deadline_;
  const Caller caller_;
  const std::string scope_;     // whose entries are used: in every key
  const std::uint32_t tenant_;  // whose they are, for sweeps
  Report report_;
  std::vector<RequestImage> pictures_;
  Prompt prompt_;
  std::optional<Key> response_key_;  // absent when the response level is bypassed
  std::unique_ptr<PromptLayout> layout_;
  std::vector<Key> prefix_hashes_;             // the prompt's prefix chain; empty when the prefix level is bypassed
  std::vector<std::vector<Blob>> embeddings_;  // by picture, as far as they are needed
  std::unique_ptr<Slot> slot_;                 // while it computes
  bool diverged_ = false;  // the request before agreed on the first shared_ items, and then said something else
  std::size_t shared_ = 0;
  std::vector<Key> embedding_keys_;  // of every tile of the request, where they are known
  double parts_cost_ms_ = 0;         // what this request's embeddings and prefix cost when they were made, by whomever
};

}  // namespace fovea
