// Browsers tell where a request comes from in two fields that pages cannot set. Sec-Fetch-Site counts first:
// it is right behind a proxy that changes Host, too. Older browsers, and pages that came without TLS, have
// Origin alone, which is then the server's own where it is that of Host.
#include "serve/http/message/foreign_page.h"

#include <algorithm>
#include <array>
#include <format>
#include <string_view>

#include "serve/http/message/equal_names.h"

namespace fovea::serve {

namespace {

bool only_reads(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_address(std::string_view host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Whether a name is one of this machine or its network: nobody outside can register it.
bool is_local_name(std::string_view host) {
  constexpr std::array<std::string_view, 3> local = {".localhost", ".local", ".internal"};
  return !host.contains('.') || std::ranges::any_of(local, [&](std::string_view end) {
    return host.size() > end.size() && equal_names(host.substr(host.size() - end.size()), end);
  });
}

Refusal foreign(std::string_view page) {
  return {403,
          std::format("{} may not ask this server: give its origin to --cors-origins if it shall", page),
          {},
          "origin_not_allowed"};
}

std::optional<Refusal> refused_name(std::string_view host, const Cors& cors) {
  const std::string_view name = without_port(host);
  if (is_address(name) || is_local_name(name) || cors.admits_host(host)) return std::nullopt;
  return Refusal{403,
                 std::format("this server is not known as {}: ask for localhost or its address, or give "
                             "https://{} to --cors-origins",
                             host, host),
                 {},
                 "host_not_allowed"};
}

}  // namespace

std::optional<Refusal> refused_page(const RequestHead& head, const Cors& cors, bool names_checked) {
  const std::string_view host = head.header("host");
  if (names_checked) {
    if (auto refused = refused_name(host, cors)) return refused;
  }
  if (only_reads(head.method)) return std::nullopt;
  const std::string_view origin = head.header("origin");
  const std::string_view site = head.header("sec-fetch-site");
  if (site == "same-origin" || site == "none" || cors.admits(origin)) return std::nullopt;
  if (!origin.empty() && !is_origin_at(origin, host)) return foreign(std::format("pages of {}", origin));
  if (origin.empty() && !site.empty() && !cors.admits_any()) return foreign("pages of another site");
  return std::nullopt;
}

}  // namespace fovea::serve
