// Replies as Drogon's responses: those of handlers, and those to requests that no handler gets.
#pragma once

#include <drogon/HttpRequest.h>
#include <drogon/HttpResponse.h>

#include "serve/exchange.h"

namespace fovea::serve {

// Copies status, content type and headers of `reply` to `response`, but not the body.
void set_head(drogon::HttpResponse& response, const Reply& reply);

// A response that has that head.
drogon::HttpResponsePtr response_with_head(const Reply& reply);

// The reply to a request that Drogon itself refuses (404, 405, 413 and the like), as OpenAI's error object.
drogon::HttpResponsePtr error_reply(drogon::HttpStatusCode status, const drogon::HttpRequestPtr& request);

}  // namespace fovea::serve
