// foreign_page: whether a request comes from a web page that has no business with this server. A browser
// sends what any page asks it to, also to servers that only its user's machine can reach. A server that asks
// for keys needs no such check: no page has one that its user did not give it. A pure function.
#pragma once

#include <optional>

#include "serve/http/message/cors.h"
#include "serve/http/message/request_head.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// 403 for a request of a page of another origin that `cors` does not admit, where it is none that only reads
// (the browser keeps replies to those from the page). With `names_checked`, also for a Host that anybody
// could have given to this machine's address: its pages would be of the server's own origin for the browser.
// Requests without Origin and Sec-Fetch-Site come from no browser, and pass.
std::optional<Refusal> refused_page(const RequestHead& head, const Cors& cors, bool names_checked);

}  // namespace fovea::serve
