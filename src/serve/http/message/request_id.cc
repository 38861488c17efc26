#include "serve/http/message/request_id.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "serve/anthropic/error_reply.h"
#include "serve/wire/fresh_id.h"

namespace fovea::serve {

namespace {

constexpr std::string_view field = "x-request-id";
constexpr std::size_t length_max = 128;

bool can_be_repeated(std::string_view id) {
  return !id.empty() && id.size() <= length_max && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:/").contains(c);
  });
}

}  // namespace

void name_request(RequestHead& head) {
  if (can_be_repeated(head.header(field))) return;
  std::erase_if(head.headers, [](const auto& header) { return header.first == field; });
  head.headers.emplace_back(field, fresh_id("req_"));
}

void add_request_id(Headers& headers, const RequestHead& head) {
  const std::string id(head.header(field));
  headers.emplace_back("X-Request-Id", id);
  if (anthropic::speaks_messages(head.path, head.header("anthropic-version"))) headers.emplace_back("Request-Id", id);
}

}  // namespace fovea::serve
