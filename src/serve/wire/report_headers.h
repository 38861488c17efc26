// An answer's report as HTTP headers: Cache-Status (RFC 9211) and Server-Timing (W3C). Pure functions.
#pragma once

#include <string>

#include "pipeline/request_report.h"
#include "serve/wire/headers.h"

namespace fovea::serve {

// One member a level, the nearest first: "fovea-response; fwd=miss; stored, fovea-prefix; ...,
// fovea-embedding; hit". A level that was bypassed has fwd=request where the request's Cache-Control asked
// for it, else fwd=bypass, and the reason as detail. Where some tiles of an image were found, or some tokens
// of a prompt, the level has fwd=partial.
std::string cache_status(const RequestReport& report);

// The stages that took time, in the order in which they happen: "decode;dur=1.2, encode;dur=2731.0,
// total;dur=2733.4".
std::string server_timing(const StageTimes& times);

// Both, the keys of the images (Fovea-Image-Keys, for DELETE /v1/cache/images/KEY), and the Age of a stored
// answer. `read_ms`, the time of reading the request before the report begins, is the first stage of
// Server-Timing.
Headers report_headers(const RequestReport& report, double read_ms);

}  // namespace fovea::serve
