#include "serve/http/request_limits.h"

#include <format>

namespace fovea::serve {

std::optional<Refusal> refused_head(const drogon::HttpRequest& request) {
  if (request.headers().size() > headers_max)
    return Refusal{431, std::format("more than {} header fields", headers_max), {}, "too_many_headers"};
  // A proxy in front may have taken the other of the two as the body's length (RFC 9112, 6.1).
  if (!request.getHeader("transfer-encoding").empty() && !request.getHeader("content-length").empty())
    return Refusal{400, "a request has a Content-Length or a Transfer-Encoding, not both", {}, "invalid_headers"};
  return std::nullopt;
}

}  // namespace fovea::serve
