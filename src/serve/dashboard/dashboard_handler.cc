// The state's JSON is only for the page beside it: both are of one program, so its fields may change with any
// version. The page polls with the id of the newest request that it has, so that each request is sent to it
// once.
#include "serve/dashboard/dashboard_handler.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "fovea/version.h"
#include "serve/dashboard/dashboard_files.h"
#include "serve/send_refusal.h"
#include "serve/tier_json.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct DashboardLevel {
  std::string_view level;
  std::uint64_t hits, misses;
  std::optional<std::uint64_t> entries, bytes, bytes_max;  // for admins
};

struct DashboardHeat {
  std::uint32_t columns, rows;
  std::vector<std::uint8_t> scores;
};

struct DashboardImage {
  std::string key;
  std::uint32_t width, height;
  std::optional<DashboardHeat> heat;
};

struct DashboardStage {
  std::string_view stage;
  double ms;
};

struct DashboardRequest {
  std::uint64_t id;
  double at_unix_s;
  std::string question, answer;
  std::string_view answered_by, response, prefix, embedding;
  std::uint32_t tiles_near;
  std::vector<DashboardStage> stages;
  double saved_ms;
  std::vector<DashboardImage> images;
  std::size_t images_asked;
};

struct DashboardAnswered {
  std::uint64_t response, prefix, embedding, model;
};

struct DashboardState {
  std::string_view object, model, version, tenant;
  bool admin, attention;
  double started_unix_s, uptime_s;
  double saved_ms;
  DashboardAnswered answered_by;
  std::uint64_t approximate;  // of those answered
  std::vector<DashboardLevel> levels;
  std::vector<Tier> tiers;  // for admins
  std::vector<DashboardRequest> recent_requests;
};

}  // namespace json

namespace {

constexpr std::string_view files_path = "/dashboard/";
constexpr std::string_view thumbnails_path = "/v1/dashboard/thumbnails/";
constexpr std::array<std::string_view, 3> level_names = {"response", "prefix", "embedding"};
constexpr std::array<std::string_view, 4> answered_by_names = {"response", "prefix", "embedding", "model"};

// Only this page's own files and the server's replies; images also from memory, as dropped or fetched with a
// key.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view content_type_of(std::string_view name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/html; charset=utf-8";
}

std::vector<json::DashboardLevel> levels_of(const RecentTotals& totals) {
  std::vector<json::DashboardLevel> levels;
  for (std::size_t i = 0; i < level_names.size(); ++i)
    levels.push_back({level_names[i], totals.levels[i].hits, totals.levels[i].misses, {}, {}, {}});
  return levels;
}

std::vector<json::DashboardLevel> levels_of(const LevelsStats& stats) {
  std::vector<json::DashboardLevel> levels;
  for (const auto& [name, level] : stats)
    levels.push_back({name, level.hits, level.misses, level.entries, level.bytes, level.bytes_max});
  return levels;
}

double saved_ms_of(const LevelsStats& stats) {
  double saved_ms = 0;
  for (const auto& [name, level] : stats) saved_ms += level.saved_ms;
  return saved_ms;
}

json::DashboardImage image_of(const RecentImage& image) {
  json::DashboardImage object{image.key.hex(), image.width, image.height, {}};
  if (image.heat) object.heat = {image.heat->columns, image.heat->rows, image.heat->scores};
  return object;
}

json::DashboardRequest request_of(const RecentRequest& request) {
  json::DashboardRequest object{.id = request.id,
                                .at_unix_s = request.at_unix_ms / 1000,
                                .question = request.question,
                                .answer = request.answer,
                                .answered_by = answered_by_names[static_cast<std::size_t>(request.by)],
                                .response = to_string(request.response),
                                .prefix = to_string(request.prefix),
                                .embedding = to_string(request.embedding),
                                .tiles_near = request.tiles_near,
                                .stages = {},
                                .saved_ms = request.saved_ms,
                                .images = {},
                                .images_asked = request.images_asked};
  for (const auto& [name, ms] : named(request.times)) {
    if (ms > 0) object.stages.push_back({name, ms});
  }
  for (const RecentImage& image : request.images) object.images.push_back(image_of(image));
  return object;
}

// The id; 0, so that all requests are newer, where `text` is no number.
std::uint64_t id_in(std::string_view text) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc{} && end == text.data() + text.size() ? id : 0;
}

}  // namespace

DashboardHandler::DashboardHandler(Parts parts) : parts_(std::move(parts)), started_unix_ms_(unix_time_ms()) {}

void DashboardHandler::file(Exchange& exchange) const {
  std::string_view name = "index.html";
  if (exchange.path().starts_with(files_path)) name = exchange.path().substr(files_path.size());
  const auto found = std::ranges::find(dashboard_files, name, &DashboardFile::name);
  if (found == std::end(dashboard_files))
    return send_refusal(exchange, {404, std::format("there is nothing at {}", exchange.path()), {}, "not_found"});
  exchange.reply({.content_type = std::string(content_type_of(name)),
                  .headers = {{"Content-Security-Policy", std::string(page_policy)},
                              {"X-Content-Type-Options", "nosniff"},
                              {"Referrer-Policy", "no-referrer"},
                              {"Cache-Control", "no-cache"}},
                  .body = std::string(found->text)});
}

void DashboardHandler::state(Exchange& exchange, const Tenant& tenant) {
  const RecentTotals totals = parts_.recent.totals(tenant.name);
  const LevelsStats stats = parts_.cache.stats();
  const auto& [response, prefix, embedding, model] = totals.answered_by;
  json::DashboardState object{.object = "dashboard.state",
                              .model = parts_.model,
                              .version = FOVEA_VERSION,
                              .tenant = tenant.name,
                              .admin = tenant.admin,
                              .attention = parts_.attention,
                              .started_unix_s = started_unix_ms_ / 1000,
                              .uptime_s = (unix_time_ms() - started_unix_ms_) / 1000,
                              .saved_ms = tenant.admin ? saved_ms_of(stats) : totals.saved_ms,
                              .answered_by = {response, prefix, embedding, model},
                              .approximate = totals.approximate,
                              .levels = tenant.admin ? levels_of(stats) : levels_of(totals),
                              .tiers = {},
                              .recent_requests = {}};
  if (tenant.admin) {
    for (const TierStats& tier : parts_.cache.tier_stats()) object.tiers.push_back(json::tier_of(tier));
  }
  for (const auto& request : parts_.recent.after(tenant.name, id_in(exchange.query("after"))))
    object.recent_requests.push_back(request_of(*request));
  exchange.reply({.headers = {{"Cache-Control", "no-store"}}, .body = json_text(object)});
}

void DashboardHandler::thumbnail(Exchange& exchange, const Tenant& tenant) {
  const auto key = Key::from_hex(exchange.path().substr(thumbnails_path.size()));
  if (!key) return send_refusal(exchange, {404, "a picture's key is 64 hexadecimal digits", "key", "not_found"});
  const auto file = parts_.recent.thumbnail(tenant.name, *key);
  if (!file) return send_refusal(exchange, refusal_of(file.error()));
  exchange.reply({.content_type = "image/webp",
                  .headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}},
                  .body = std::string(file->text())});
}

}  // namespace fovea::serve
