// pass_on: passes any request on to another server, and that server's answer back as it comes. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/upstream/upstream.h"
#include "serve/exchange.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// The headers of a client that matter to the other server, and the one named `route_header`, in lower case,
// if the client sends it. Never keys, cookies, or what is about the connection.
std::vector<HttpHeader> passed_headers(const Exchange& exchange, std::string_view route_header);

// Asks upstream for the exchange's target with its method, headers and body, and replies with the status,
// headers and body that come: a stream as it comes and as fast as its client reads, an answer of known and
// moderate length in one piece. A stream that breaks is broken off for the client too. The reply's
// Cache-Status says that it was not looked for in the cache.
// Refused, with nothing replied: a target that is Fovea's own or leads outside, a method that HTTP clients do
// not have, and what upstream_refusal() makes of a failure before the answer began.
Parsed<void> pass_on(Exchange& exchange, Upstream& upstream, std::optional<double> timeout_ms,
                     std::string_view route_header = {});

}  // namespace fovea::serve
