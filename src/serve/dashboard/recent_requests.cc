// Everything that is costly happens when somebody views the dashboard, not when a request is served: adding
// one copies at most a few hundred characters and the coarse heat maps, and thumbnails are made on demand.
#include "serve/dashboard/recent_requests.h"

#include <algorithm>
#include <cmath>
#include <ranges>
#include <span>
#include <string_view>

namespace fovea::serve {

namespace {

// The first text_characters_max characters of UTF-8.
std::string cut(std::string_view text) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_one = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins_one && characters++ == RecentRequests::text_characters_max) return std::string(text.substr(0, i)) + "…";
  }
  return std::string(text);
}

// The texts of `parts`, as far as they are shown.
std::string words_of(std::span<const PromptPart> parts) {
  std::string words;
  for (const PromptPart& part : parts) {
    const auto* text = std::get_if<std::string>(&part);
    if (text == nullptr) continue;
    words += (words.empty() ? "" : " ") + cut(*text);
    if (words.size() > RecentRequests::text_characters_max * 4) break;  // longer in UTF-8 than what is shown
  }
  return cut(words);
}

std::string question_of(const Request& request) {
  if (request.prompt) return words_of(request.prompt->parts);
  for (const Message& message : request.messages | std::views::reverse) {
    if (message.role != "user") continue;
    return words_of(message.parts);
  }
  return {};
}

AnsweredBy nearest_hit(const RequestReport& report) {
  if (report.response == Outcome::hit) return AnsweredBy::response;
  if (report.prefix == Outcome::hit) return AnsweredBy::prefix;
  if (report.embedding == Outcome::hit) return AnsweredBy::embedding;
  return AnsweredBy::model;
}

// `map` on columns x rows cells; each has the mean of the cells of the map that begin in it.
std::vector<float> coarse_means(const PictureMap& map, std::uint32_t columns, std::uint32_t rows) {
  std::vector<float> sums(std::size_t{columns} * rows), counts(sums.size());
  const auto cell_of = [](std::uint32_t i, std::uint32_t coarse_side, std::uint32_t side) {
    return std::size_t{i} * coarse_side / side;
  };
  std::vector<std::size_t> column_of(map.columns);  // once, not for each row: divisions take most of the time
  for (std::uint32_t x = 0; x < map.columns; ++x) column_of[x] = cell_of(x, columns, map.columns);
  auto score = map.scores.begin();
  for (std::uint32_t y = 0; y < map.rows; ++y) {
    const std::size_t first = cell_of(y, rows, map.rows) * columns;
    for (const std::size_t column : column_of) {
      sums[first + column] += *score++;
      ++counts[first + column];
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] /= counts[i];
  return sums;
}

// The map on at most heat_side_max cells a side, its scores scaled to [0, 255].
std::optional<RecentHeat> heat_of(const PictureMap& map) {
  if (map.scores.empty()) return std::nullopt;
  RecentHeat heat{
      std::min(map.columns, RecentRequests::heat_side_max), std::min(map.rows, RecentRequests::heat_side_max), {}};
  const std::vector<float> means = coarse_means(map, heat.columns, heat.rows);
  const auto [low, high] = std::ranges::minmax(means);
  const float scale = high > low ? 255 / (high - low) : 0;
  heat.scores.reserve(means.size());
  for (const float mean : means) heat.scores.push_back(static_cast<std::uint8_t>(std::lround((mean - low) * scale)));
  return heat;
}

std::vector<RecentImage> images_of(const Answer& answer) {
  std::vector<RecentImage> recent;
  const auto& images = answer.report.images;
  for (std::size_t i = 0; i < std::min(images.size(), RecentRequests::images_max); ++i) {
    RecentImage& image = recent.emplace_back(images[i].image_key, images[i].width, images[i].height);
    if (answer.attention && i < answer.attention->pictures.size()) image.heat = heat_of(answer.attention->pictures[i]);
  }
  return recent;
}

RecentRequest recent_request_of(const Request& request, const Answer& answer, double unix_ms) {
  const RequestReport& report = answer.report;
  return {.at_unix_ms = unix_ms,
          .question = question_of(request),
          .answer = cut(answer.text),
          .by = nearest_hit(report),
          .response = report.response,
          .prefix = report.prefix,
          .embedding = report.embedding,
          .tiles_near = report.frames ? report.frames->tiles_near : 0,
          .times = report.times,
          .saved_ms = report.saved_ms,
          .images = images_of(answer),
          .images_asked = report.images.size()};
}

void count(RecentTotals& totals, const RequestReport& report) {
  ++totals.answered_by[static_cast<std::size_t>(nearest_hit(report))];
  const std::array outcomes = {report.response, report.prefix, report.embedding};
  // After a response hit the other levels were not looked up.
  const std::size_t looked_up = report.response == Outcome::hit ? 1 : outcomes.size();
  for (std::size_t i = 0; i < looked_up; ++i) {
    if (outcomes[i] == Outcome::hit) ++totals.levels[i].hits;
    if (outcomes[i] == Outcome::miss) ++totals.levels[i].misses;
  }
  if (report.frames && report.frames->tiles_near > 0) ++totals.approximate;
  totals.saved_ms += report.saved_ms;
}

}  // namespace

void RecentRequests::add(const Request& request, const Answer& answer, double unix_ms) {
  std::shared_ptr<RecentRequest> added;
  if (request.cache.write) {
    added = std::make_shared<RecentRequest>(recent_request_of(request, answer, unix_ms));
    for (std::size_t i = 0; i < added->images.size(); ++i)
      if (const Blob& file = request.sources[i].bytes; !file.empty())  // a frame of a video is no file
        thumbnails_.offer(request.tenant, added->images[i].key, file);
  }
  MutexLock lock(mutex_);
  OfTenant& tenant = of(request.tenant);
  tenant.last_unix_ms = unix_ms;
  count(tenant.totals, answer.report);
  if (!added) return;
  added->id = ++tenant.last_id;
  tenant.requests.push_back(std::move(added));
  if (tenant.requests.size() > requests_max) tenant.requests.pop_front();
}

RecentRequests::OfTenant& RecentRequests::of(const std::string& tenant) {
  if (tenants_.size() == tenants_max && !tenants_.contains(tenant))
    tenants_.erase(std::ranges::min_element(tenants_, {}, [](const auto& entry) { return entry.second.last_unix_ms; }));
  return tenants_[tenant];
}

std::vector<std::shared_ptr<const RecentRequest>> RecentRequests::after(const std::string& tenant,
                                                                        std::uint64_t id) const {
  MutexLock lock(mutex_);
  const auto found = tenants_.find(tenant);
  if (found == tenants_.end()) return {};
  const auto& requests = found->second.requests;
  return {std::ranges::upper_bound(requests, id, {}, [](const auto& request) { return request->id; }), requests.end()};
}

RecentTotals RecentRequests::totals(const std::string& tenant) const {
  MutexLock lock(mutex_);
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? RecentTotals{} : found->second.totals;
}

void RecentRequests::purge(const std::string& tenant) {
  thumbnails_.purge(tenant);
  MutexLock lock(mutex_);
  if (const auto found = tenants_.find(tenant); found != tenants_.end()) found->second.requests.clear();
}

void RecentRequests::purge(const std::string& tenant, const Key& image_key) {
  thumbnails_.purge(tenant, image_key);
  MutexLock lock(mutex_);
  const auto found = tenants_.find(tenant);
  if (found == tenants_.end()) return;
  std::erase_if(found->second.requests, [&](const auto& request) {
    // Of a request about very many images not all keys were kept: it may be about this one, and goes.
    return request->images_asked > request->images.size() ||
           std::ranges::contains(request->images, image_key, &RecentImage::key);
  });
}

}  // namespace fovea::serve
