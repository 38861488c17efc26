// Pictures are counted as they are handed out, so that the pictures of a request that is refused in the end
// count for nothing. What became of their bytes only the reader of pictures knows, which a recorded log does
// not need.
#include "audit/log/log_run.h"

#include <format>

namespace fovea {

namespace {

constexpr double ms_max = 253'402'300'800'000;  // the year 10,000

// Of times: what is before 1970, took less than nothing, or is no number of milliseconds.
void drop_impossible(std::optional<double>& ms) {
  if (ms && !(*ms >= 0 && *ms < ms_max)) ms.reset();
}

}  // namespace

void clear(AuditedRequest& request) {
  request.time_ms.reset();
  request.client.clear();
  request.route.clear();
  request.model.clear();
  request.settings_hash = 0;
  request.deterministic = false;
  request.status = 0;
  request.prompt_tokens.reset();
  request.cached_tokens.reset();
  request.answer_tokens.reset();
  request.duration_ms.reset();
  request.first_token_ms.reset();
  request.parts.clear();
  request.pictures.clear();
  request.prefix_hashes.clear();
  request.tile_hashes.clear();
}

LogRun::LogRun(const LogOptions& options, const EachRequest& each, const Progress& progress)
    : each_(each),
      progress_(progress),
      pictures_({.folder = options.pictures, .decode = options.decode, .decoded_max = options.decoded_max}) {}

AuditedRequest& LogRun::fresh() {
  clear(request_);
  return request_;
}

void LogRun::hand_out() {
  ++summary_.requests;
  drop_impossible(request_.time_ms);
  drop_impossible(request_.duration_ms);
  drop_impossible(request_.first_token_ms);
  summary_.pictures += request_.pictures.size();
  for (const AuditedPicture& picture : request_.pictures) {
    if (picture.by_url) ++summary_.pictures_by_url;
    const bool recorded = summary_.format == LogFormat::audit;  // elsewhere, when its bytes were there
    if (recorded && !picture.by_url && !picture.image_hash) ++summary_.undecoded;
  }
  each_(request_);
}

void LogRun::refuse(const std::string& place, std::string_view why) {
  if (summary_.bad_entries++ == 0) summary_.first_bad = std::format("{}: {}", place, why);
}

void LogRun::report(double fraction_read) {
  if (reports_++ % 4096 == 0) report_progress(progress_, fraction_read);
}

LogSummary LogRun::finished() const {
  LogSummary summary = summary_;
  const PictureCounts& counts = pictures_.counts();
  summary.undecoded += counts.undecoded;
  summary.undecodable += counts.undecodable;
  return summary;
}

}  // namespace fovea
