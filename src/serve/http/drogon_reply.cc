#include "serve/http/drogon_reply.h"

#include <format>
#include <string>

#include "serve/wire/refusal.h"

namespace fovea::serve {

namespace {

std::string message_of(int status, const drogon::HttpRequest& request) {
  switch (status) {
    case 404:
      return std::format("there is nothing at {}", request.path());
    case 405:
      return std::format("{} does not take {}", request.path(), request.methodString());
    case 413:
      return "the request's body is larger than this server takes";
    default:
      return "the request cannot be handled";
  }
}

}  // namespace

void set_head(drogon::HttpResponse& response, const Reply& reply) {
  response.setStatusCode(static_cast<drogon::HttpStatusCode>(reply.status));
  response.setContentTypeString(reply.content_type);
  for (const auto& [name, value] : reply.headers) response.addHeader(name, value);
}

drogon::HttpResponsePtr response_with_head(const Reply& reply) {
  auto response = drogon::HttpResponse::newHttpResponse(drogon::k200OK, drogon::CT_CUSTOM);
  set_head(*response, reply);
  return response;
}

drogon::HttpResponsePtr error_reply(drogon::HttpStatusCode status, const drogon::HttpRequestPtr& request) {
  const int number = static_cast<int>(status);
  auto response = response_with_head({.status = number});
  const Refusal refusal{number, message_of(number, *request), {}, number == 404 ? "not_found" : ""};
  response->setBody(refusal.json());
  return response;
}

}  // namespace fovea::serve
