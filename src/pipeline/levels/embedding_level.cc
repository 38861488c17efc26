// What the level does for a whole request: which images it needs, and what is told of those it does not need.
// One image's own way is ImageEncode. An image that the cached prefix covers is never opened; what its
// embeddings once took counts as saved, since the prefix could not be there without them.
#include "pipeline/levels/embedding_level.h"

#include <algorithm>
#include <utility>

#include "pipeline/levels/image_encode.h"
#include "pipeline/timed.h"

namespace fovea {

Result<std::vector<Blob>> EmbeddingLevel::find_or_encode(RequestContext& context, RequestImage& image,
                                                         ImageReport& report) {
  return ImageEncode(*this, context, image, report).run();
}

Result<void> EmbeddingLevel::find_or_encode(RequestContext& context, const PromptLayout& layout,
                                            std::size_t cached_items, std::span<RequestImage> images,
                                            std::vector<std::vector<Blob>>& embeddings) {
  std::vector<ImageReport>& reports = context.report.images;
  embeddings.resize(images.size());
  for (std::size_t i = 0; i < layout.items().size(); ++i) {
    if (const auto& tile = layout.items()[i].tile) reports[tile->image].in_prefix = i < cached_items;
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (reports[i].in_prefix || !embeddings[i].empty()) continue;
    auto made = find_or_encode(context, images[i], reports[i]);
    if (!made) return std::unexpected(made.error());
    embeddings[i] = std::move(*made);
  }
  report_outcome(context, embeddings);
  return {};
}

void EmbeddingLevel::report_outcome(RequestContext& context, std::span<const std::vector<Blob>> embeddings) const {
  RequestReport& report = context.report;
  if (embeddings.empty()) {
    report.embedding_bypass = Bypass::no_images;
  } else if (std::ranges::all_of(embeddings, &std::vector<Blob>::empty)) {
    report.embedding_bypass = Bypass::prefix_hit;
  } else if (!parts_.on) {
    report.embedding_bypass = Bypass::off;
  } else if (!context.request.cache.read) {
    report.embedding_bypass = Bypass::no_read;
  } else {
    report.embedding_bypass = Bypass::none;
    const bool all = std::ranges::all_of(
        report.images, [](const ImageReport& image) { return image.in_prefix || image.tiles_hit == image.tiles; });
    report.embedding = all ? Outcome::hit : Outcome::miss;
  }
}

void EmbeddingLevel::count_unneeded(RequestContext& context, std::span<const RequestImage> images,
                                    std::span<const std::vector<Blob>> embeddings) const {
  const Timed timed(context.report.times.lookup_ms);
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!embeddings[i].empty()) continue;
    const auto known = known_tiling(parts_, context, images[i]);
    if (!known) continue;
    context.report.images[i].tiles = static_cast<std::uint32_t>(known->bytes.size());
    for (std::size_t tile = 0; tile < known->bytes.size(); ++tile) {
      const Key& key = context.embedding_keys.emplace_back(known->tiles.embedding_keys[tile]);
      const double encode_ms = known->tiles.encode_ms[tile];
      context.report.lookups.push_back(
          {CacheLevel::embedding, key, Outcome::bypass, known->bytes[tile], encode_ms, {}});
      context.save(encode_ms);
    }
    context.save(known->preprocess_ms);
  }
}

std::size_t EmbeddingLevel::purge(const Key& tenant) {
  parts_.tilings.purge(tenant);
  return parts_.embeddings.purge(tenant);
}

// A tile that several images share was stored for the first of them: the tilings of the others name it.
std::size_t EmbeddingLevel::purge(const Key& tenant, const Key& image) {
  std::size_t purged = parts_.embeddings.purge(tenant, image);
  for (const Record& record : parts_.tilings.records_of(tenant, image)) {
    if (const auto tiling = StoredTiling::from_payload(record.payload))
      purged += parts_.embeddings.erase(tiling->embedding_keys);
  }
  parts_.tilings.purge(tenant, image);
  return purged;
}

}  // namespace fovea
