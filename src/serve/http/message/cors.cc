// Credentials are allowed to origins that were named, never to any: a page that nobody named must not act as
// its visitor.
#include "serve/http/message/cors.h"

#include <algorithm>

#include "serve/http/message/equal_names.h"

namespace fovea::serve {

namespace {

constexpr const char* exposed =
    "Cache-Status, Age, Server-Timing, Fovea-Image-Keys, Retry-After, X-Request-Id, Request-Id";
constexpr const char* preflight_age_s = "7200";  // no browser keeps it longer

bool is_list_of_names(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == ',' || c == ' ';
  });
}

}  // namespace

bool is_origin_at(std::string_view origin, std::string_view host) {
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos || host.empty()) return false;
  const std::string_view own_port = origin.starts_with("https:") ? ":443" : ":80";
  if (host.ends_with(own_port)) host.remove_suffix(own_port.size());
  return equal_names(origin.substr(scheme + 3), host);
}

Cors::Cors(std::vector<std::string> origins)
    : origins_(std::move(origins)), any_(std::ranges::contains(origins_, "*")) {
  std::erase(origins_, "*");
}

bool Cors::admits(std::string_view origin) const {
  return !origin.empty() && (any_ || std::ranges::contains(origins_, origin));
}

bool Cors::admits_host(std::string_view host) const {
  return any_ || std::ranges::any_of(origins_, [&](std::string_view origin) { return is_origin_at(origin, host); });
}

void Cors::add_origin(Headers& headers, std::string_view origin) const {
  const bool named = std::ranges::contains(origins_, origin);
  headers.emplace_back("Access-Control-Allow-Origin", named ? std::string(origin) : "*");
  if (named) headers.emplace_back("Access-Control-Allow-Credentials", "true");
}

void Cors::add_to(Headers& headers, const RequestHead& request) const {
  if (origins_.empty() && !any_) return;
  if (!origins_.empty()) headers.emplace_back("Vary", "Origin");
  const std::string_view origin = request.header("origin");
  if (!admits(origin)) return;
  add_origin(headers, origin);
  headers.emplace_back("Access-Control-Expose-Headers", exposed);
}

bool Cors::is_preflight(const RequestHead& request) {
  return request.method == "OPTIONS" && !request.header("origin").empty() &&
         !request.header("access-control-request-method").empty();
}

Headers Cors::preflight(const RequestHead& request, std::string_view allow) const {
  Headers headers;
  if (origins_.empty() && !any_) return headers;
  headers.emplace_back("Vary", "Origin");
  const std::string_view origin = request.header("origin");
  if (!admits(origin)) return headers;
  add_origin(headers, origin);
  headers.emplace_back("Access-Control-Allow-Methods", allow);
  const std::string_view wanted = request.header("access-control-request-headers");
  if (!wanted.empty() && is_list_of_names(wanted)) headers.emplace_back("Access-Control-Allow-Headers", wanted);
  headers.emplace_back("Access-Control-Max-Age", preflight_age_s);
  return headers;
}

}  // namespace fovea::serve
