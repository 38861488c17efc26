// early_reply: the reply to a request that needs no handler, once its head is known. Thread-safe.
#pragma once

#include <optional>

#include "serve/exchange.h"
#include "serve/http/connection/connection_parts.h"
#include "serve/http/message/request_head.h"
#include "serve/http/route.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

struct EarlyReply {
  Reply reply;
  bool closes = false;        // the connection ends behind it, whatever the client wants
  bool is_preflight = false;  // the reply says all that a page of another origin may know
};

// nullopt where `match` has a handler that is to be asked, after the body was read.
std::optional<EarlyReply> early_reply(const RequestHead& head, const RouteTable::Match& match,
                                      const ConnectionParts& parts);

// The reply to a refused request, in the form of the API that it asks.
Reply refusal_to(const RequestHead& head, const RouteTable::Match& match, const Refusal& refusal);

}  // namespace fovea::serve
