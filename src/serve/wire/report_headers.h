// What an answer's report says in HTTP's own words: Cache-Status (RFC 9211) and Server-Timing (W3C).
#pragma once

#include <string>

#include "pipeline/request_report.h"
#include "serve/wire/headers.h"

namespace fovea::serve {

// One member a level, the nearest first: "fovea-response; fwd=miss; stored, fovea-prefix; ..., fovea-embedding; hit". A level that
// was not asked has fwd=request where the request's Cache-Control said so, else fwd=bypass, and the reason as detail; a
// picture of which some tiles were found has fwd=partial.
std::string cache_status(const RequestReport& report);

// The stages that took time, in the order in which they happen: "decode;dur=1.2, encode;dur=2731.0, total;dur=2733.4".
std::string server_timing(const StageTimes& times);

// Both, what the pictures are called (Fovea-Image-Keys, for DELETE /v1/cache/images/KEY), and the Age of a stored answer.
// `read_ms`, what reading the request took before the report begins, is told as the first stage.
Headers report_headers(const RequestReport& report, double read_ms);

}  // namespace fovea::serve
