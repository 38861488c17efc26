// RecentRequests: each tenant's most recent questions, answers and images, and counts of all its requests,
// for the dashboard.
//
// A tenant's requests are shown to that tenant only: every function takes the tenant, and ids count each
// tenant's requests apart, so that they do not reveal how much others ask. Bounded in requests, tenants and
// bytes; in memory only. Thread-safe. Adding a request costs some microseconds and decodes nothing.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "pipeline/request.h"
#include "serve/dashboard/thumbnail_cache.h"

namespace fovea::serve {

// What computed most of the answer: the nearest level that hit, or the model.
enum class AnsweredBy : std::uint8_t { response, prefix, embedding, model };

// An image's importance map, coarse enough for a thumbnail; 0 where it is lowest, 255 where it is highest.
struct RecentHeat {
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  std::vector<std::uint8_t> scores;  // row by row
};

struct RecentImage {
  Key key;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::optional<RecentHeat> heat;  // of an answer whose attention was observed while it was computed
};

struct RecentRequest {
  std::uint64_t id = 0;  // counts from 1, for each tenant
  double at_unix_ms = 0;
  std::string question;  // the text of the last user message; both texts cut to text_characters_max
  std::string answer;
  AnsweredBy by = AnsweredBy::model;
  Outcome response = Outcome::bypass, prefix = Outcome::bypass, embedding = Outcome::bypass;
  std::uint32_t tiles_near = 0;  // that were taken for tiles of earlier frames: the answer is approximate
  StageTimes times;
  double saved_ms = 0;
  std::vector<RecentImage> images;  // the first images_max of them
  std::size_t images_asked = 0;     // how many the request had
};

// Counts of all requests of a tenant that were answered, whether they are kept here or not.
struct RecentTotals {
  struct Level {
    std::uint64_t hits = 0, misses = 0;
  };
  std::array<std::uint64_t, 4> answered_by{};  // by AnsweredBy
  std::array<Level, 3> levels{};               // response, prefix, embedding
  std::uint64_t approximate = 0;               // of those answered: with tiles of earlier frames
  double saved_ms = 0;
};

class RecentRequests {
 public:
  static constexpr std::size_t requests_max = 50;          // a tenant's; some screens of a phone
  static constexpr std::size_t tenants_max = 256;          // of 50 requests each: 50 MB at the very most
  static constexpr std::size_t text_characters_max = 300;  // what a card shows
  static constexpr std::size_t images_max = 4;             // of a request; what a card shows
  static constexpr std::uint32_t heat_side_max = 32;       // cells; a thumbnail shows no finer ones
  static constexpr std::uint64_t thumbnail_bytes_max = std::uint64_t{64} << 20;  // with files not yet made small

  // Counts an answered request. Keeps it as well, unless it asked that nothing of it be stored.
  void add(const Request& request, const Answer& answer, double unix_ms);

  // The tenant's requests whose ids are above `id`, the oldest first.
  std::vector<std::shared_ptr<const RecentRequest>> after(const std::string& tenant, std::uint64_t id) const;
  RecentTotals totals(const std::string& tenant) const;
  // As ThumbnailCache::thumbnail().
  Result<Blob> thumbnail(const std::string& tenant, const Key& key) { return thumbnails_.thumbnail(tenant, key); }

  // Removes all requests of the tenant, or those about one image. Counts stay.
  void purge(const std::string& tenant);
  void purge(const std::string& tenant, const Key& image_key);

 private:
  struct OfTenant {
    std::deque<std::shared_ptr<const RecentRequest>> requests;  // the oldest first
    std::uint64_t last_id = 0;
    double last_unix_ms = 0;
    RecentTotals totals;
  };
  OfTenant& of(const std::string& tenant) FOVEA_REQUIRES(mutex_);

  ThumbnailCache thumbnails_{thumbnail_bytes_max};
  mutable Mutex mutex_;
  std::unordered_map<std::string, OfTenant> tenants_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea::serve
