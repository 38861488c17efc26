// RecentRequests: what was served lately, for the dashboard: each tenant's last questions, answers and pictures, and counts of all.
//
// A tenant's looks are its own: every function is told whose, and ids say nothing of how much others ask. Bounded in looks,
// tenants and bytes; kept in memory only. Thread-safe. Adding one costs some microseconds and decodes nothing.
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
#include "serve/thumbnail_cache.h"

namespace fovea::serve {

// What had most of the answer: the nearest level that hit, or none.
enum class AnsweredBy : std::uint8_t { response, prefix, embedding, model };

// A picture's importance, coarse enough for a thumbnail; 0 where it is lowest, 255 where it is highest.
struct RecentHeat {
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  std::vector<std::uint8_t> scores;  // row by row
};

struct RecentPicture {
  Key key;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::optional<RecentHeat> heat;  // of an answer that was watched while it was computed
};

struct RecentRequest {
  std::uint64_t id = 0;  // counts from 1, for each tenant
  double at_unix_ms = 0;
  std::string question;  // the last thing that a user said; both cut to text_characters_max
  std::string answer;
  AnsweredBy by = AnsweredBy::model;
  Outcome response = Outcome::bypass, prefix = Outcome::bypass, embedding = Outcome::bypass;
  StageTimes times;
  double saved_ms = 0;
  std::vector<RecentPicture> pictures;  // the first pictures_max of them
  std::size_t pictures_asked = 0;
};

// Of all requests of a tenant that were answered, kept as looks or not.
struct RecentTotals {
  struct Level {
    std::uint64_t hits = 0, misses = 0;
  };
  std::array<std::uint64_t, 4> answered_by{};  // by AnsweredBy
  std::array<Level, 3> levels{};               // response, prefix, embedding
  double saved_ms = 0;
};

class RecentRequests {
 public:
  static constexpr std::size_t recent_max = 50;            // a tenant's; some screens of a phone
  static constexpr std::size_t tenants_max = 256;          // of 50 looks each, some 50 MB at the very most
  static constexpr std::size_t text_characters_max = 300;  // what a card shows
  static constexpr std::size_t pictures_max = 4;           // of a look, the same
  static constexpr std::uint32_t heat_side_max = 32;       // cells; a thumbnail shows no finer ones
  static constexpr std::uint64_t thumbnail_bytes_max = std::uint64_t{64}
                                                       << 20;  // files of pictures nobody looked at yet

  // Counts what was served. Unless the request said that nothing of it be stored, it is also kept as a look.
  void add(const Request& request, const Answer& answer, double unix_ms);

  // The tenant's looks whose ids are above `id`, the oldest first.
  std::vector<std::shared_ptr<const RecentRequest>> after(const std::string& tenant, std::uint64_t id) const;
  RecentTotals totals(const std::string& tenant) const;
  // ThumbnailCache's.
  Result<Blob> thumbnail(const std::string& tenant, const Key& key) { return thumbnails_.thumbnail(tenant, key); }

  // Removes all looks of the tenant, or those at one picture. Counts stay.
  void purge(const std::string& tenant);
  void purge(const std::string& tenant, const Key& image_key);

 private:
  struct OfTenant {
    std::deque<std::shared_ptr<const RecentRequest>> recent;  // the oldest first
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
