// ImageEncode: one image's way to its embeddings, in the embedding level. Lives for one call; used by one
// thread.
//
// A known image's tiling names its tiles' embeddings: where all are there, neither pixels nor preprocessing
// are needed. Otherwise the image is preprocessed, each tile is hashed as the encoder would be fed, and only
// tiles whose embedding is missing are encoded.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "pipeline/levels/embedding_level.h"

namespace fovea {

// What is stored of how an image was preprocessed.
struct KnownTiling {
  StoredTiling tiles;
  std::vector<std::size_t> bytes;  // of each tile's embedding
  double preprocess_ms;
};

// The image's stored tiling, if it fits the model's way to preprocess.
std::optional<KnownTiling> known_tiling(const EmbeddingLevel::Parts& parts, const RequestContext& context,
                                        const RequestImage& image);

// Whether the request uses the level at all.
bool uses_embeddings(const EmbeddingLevel::Parts& parts, const RequestContext& context);

class ImageEncode {
 public:
  ImageEncode(EmbeddingLevel& level, RequestContext& context, RequestImage& image, ImageReport& report);

  Result<std::vector<Blob>> run();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  bool shares() const;
  bool complete() const;
  void find_known();
  void take_compared();
  bool made_meanwhile() const;
  struct Preprocessed {
    std::unique_ptr<TiledImage> image;
    double took_ms;
  };
  Result<void> make();
  Result<Preprocessed> preprocessed();
  Result<void> make_tiles(TiledImage& tiled);
  Result<void> make_elsewhere(TiledImage& tiled, std::span<const std::size_t> tiles, SteadyTime until);
  bool is_elsewhere(std::size_t tile, SteadyTime& until);
  Result<void> hash_tile(TiledImage& tiled, std::size_t tile);
  Result<void> make_tile(TiledImage& tiled, std::size_t tile);
  bool fits(std::size_t tile, const Blob& embedding);
  bool find_tile(std::size_t tile);
  bool take_fitting(Record record, std::size_t tile);
  Result<Blob> encode(TiledImage& tiled, std::size_t tile);
  Blob store_tile(std::size_t tile, const Blob& embedding);
  void store_tiling(double preprocess_ms);
  void take(Record record, std::size_t tile);
  std::vector<Blob> finish();
  void tell_compared();

  EmbeddingLevel& level_;
  const EmbeddingLevel::Parts& parts_;
  RequestContext& context_;
  RequestImage& image_;
  ImageReport& report_;
  const bool used_;  // the level is, by this request
  const Key tiling_key_;

  // By tile: embedding keys (none while unknown), embeddings (empty where missing), what encoding took, by
  // whomever, whether it was found, and where.
  std::vector<Key> keys_;
  std::vector<Blob> embeddings_;
  std::vector<double> encode_ms_;
  std::vector<bool> found_;
  std::vector<TierKind> found_in_;
  std::optional<std::vector<std::size_t>> sizes_;  // of the embeddings in bytes, once they were asked for
  bool tiling_stored_ = false;
  double saved_preprocess_ms_ = 0;
};

}  // namespace fovea
