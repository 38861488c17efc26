// Bypass reasons become HTTP's words only here: fwd=request where the request asked for it, else fwd=bypass,
// with a sentence as detail.
#include "serve/wire/report_headers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <format>
#include <utility>

namespace fovea::serve {

namespace {

// A structured field's string (RFC 8941, 3.3.3). Reasons are sentences of our own, in ASCII.
std::string structured_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c >= ' ' && c <= '~') out += c;
  }
  return out + '"';
}

std::string forwarded(Bypass why, CacheLevel level) {
  return std::format("fwd={}; detail={}", is_asked_for(why) ? "request" : "bypass",
                     structured_string(describe(why, level)));
}

// A hit, and the tier that had it, if that is not memory (RFC 9211, 2.8).
std::string hit_of(std::string_view name, const RequestReport& report, CacheLevel level) {
  const TierKind tier = farthest_tier(report, level);
  std::string hit = std::string(name) + "; hit";
  return tier == TierKind::memory ? hit : hit.append("; detail=").append(to_string(tier));
}

std::string response_member(const RequestReport& report) {
  if (report.response == Outcome::hit) return hit_of("fovea-response", report, CacheLevel::response);
  const std::string stored = report.response_stored ? "; stored" : "";  // no-cache looks up nothing, and stores
  if (report.response == Outcome::bypass)
    return "fovea-response; " + forwarded(report.response_bypass, CacheLevel::response) + stored;
  return "fovea-response; fwd=miss" + stored;
}

std::string prefix_member(const RequestReport& report) {
  if (report.prefix == Outcome::hit) return hit_of("fovea-prefix", report, CacheLevel::prefix);
  if (report.prefix == Outcome::bypass) return "fovea-prefix; " + forwarded(report.prefix_bypass, CacheLevel::prefix);
  return std::string("fovea-prefix; fwd=") + (report.cached_tokens > 0 ? "partial" : "miss");
}

std::string embedding_member(const RequestReport& report) {
  if (report.embedding == Outcome::hit) return hit_of("fovea-embedding", report, CacheLevel::embedding);
  if (report.embedding == Outcome::bypass)
    return "fovea-embedding; " + forwarded(report.embedding_bypass, CacheLevel::embedding);
  const bool some = std::ranges::any_of(
      report.images, [](const ImageReport& image) { return image.in_prefix || image.tiles_hit > 0; });
  return std::string("fovea-embedding; fwd=") + (some ? "partial" : "miss");
}

// Why tiles were exact: what became of most of those that were, and of those that cost nothing where there
// were no others. Empty where all were taken.
std::string why_exact(const FramesReport& frames) {
  std::array<std::uint32_t, frame_tiles> exact = frames.tiles_by;
  exact[static_cast<std::size_t>(FrameTile::near)] = 0;
  std::array<std::uint32_t, frame_tiles> encoded = exact;
  for (const FrameTile free : {FrameTile::same, FrameTile::known}) encoded[static_cast<std::size_t>(free)] = 0;
  if (std::ranges::max(encoded) > 0) exact = encoded;
  const auto most = std::ranges::max_element(exact);
  if (*most == 0) return {};
  return "; detail=" + std::string(to_string(all_frame_tiles[static_cast<std::size_t>(most - exact.begin())]));
}

// Which tiles were taken for those of earlier frames; where near frames are on only.
std::string frames_member(const FramesReport& frames) {
  if (frames.outcome == Outcome::bypass)
    return "fovea-frames; " + forwarded(frames.bypass, CacheLevel::embedding) + ", ";
  if (frames.outcome == Outcome::hit) return "fovea-frames; hit; approximate, ";
  return (frames.tiles_near > 0 ? "fovea-frames; fwd=partial; approximate" : "fovea-frames; fwd=miss") +
         why_exact(frames) + ", ";
}

std::string keys_of(const std::vector<ImageReport>& images) {
  std::string keys;
  for (const ImageReport& image : images) keys.append(keys.empty() ? "" : ", ").append(image.image_key.hex());
  return keys;
}

}  // namespace

std::string cache_status(const RequestReport& report) {
  const std::string frames = report.frames ? frames_member(*report.frames) : "";
  std::string status = frames + response_member(report);
  if (report.response == Outcome::hit) return status;  // the others were not reached
  return status + ", " + prefix_member(report) + ", " + embedding_member(report);
}

std::string server_timing(const StageTimes& times) {
  std::string header;
  for (const auto& [name, ms] : named(times)) {
    if (ms > 0) std::format_to(std::back_inserter(header), "{}{};dur={:.3f}", header.empty() ? "" : ", ", name, ms);
  }
  return header;
}

Headers report_headers(const RequestReport& report, double read_ms) {
  Headers headers = {{"Cache-Status", cache_status(report)},
                     {"Server-Timing", std::format("read;dur={:.3f}, {}", read_ms, server_timing(report.times))}};
  if (!report.images.empty()) headers.emplace_back("Fovea-Image-Keys", keys_of(report.images));
  if (report.response_age_s) headers.emplace_back("Age", std::to_string(std::llround(*report.response_age_s)));
  return headers;
}

}  // namespace fovea::serve
