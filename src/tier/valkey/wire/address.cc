// A password is refused and not stripped: it was on a command line already, and its owner should know.
// Nothing in front of the last @ is ever repeated in a message, since a password may hold any character.
#include "tier/valkey/wire/address.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <format>
#include <fstream>
#include <optional>
#include <utility>

namespace fovea::valkey {

namespace {

constexpr std::size_t host_bytes_max = 253;  // of a name in the DNS

constexpr bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::optional<bool> tls_of(std::string_view scheme) {
  if (scheme == "valkey" || scheme == "redis") return false;
  if (scheme == "valkeys" || scheme == "rediss") return true;
  return std::nullopt;
}

bool is_user(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return is_letter_or_digit(c) || std::string_view("-._~+").contains(c); });
}

Result<Endpoint> endpoint_of(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return fail(Fault::invalid, std::format("\"{}\" lacks a ]", text));
  const std::size_t colon = text.find(':', bracket);
  std::string_view host = text.substr(0, colon);
  if (bracket != 0 && host.size() != bracket + 1)
    return fail(Fault::invalid, std::format("\"{}\": after ] comes a port, as in [::1]:6379", text));
  if (bracket != 0) host = host.substr(1, bracket - 1);
  if (host.empty()) return fail(Fault::invalid, "a server without a host: write valkey://host:6379");
  if (!is_host(host) || host.contains(':') != (bracket != 0))
    return fail(Fault::invalid, std::format("\"{}\" is no host: write a name, 10.0.0.1 or [::1]", text));
  Endpoint endpoint{.host = std::string(host)};
  if (colon == std::string_view::npos) return endpoint;
  endpoint.port = parse_port(text.substr(colon + 1));
  if (endpoint.port == 0) return fail(Fault::invalid, std::format("\"{}\": a port is a number from 1 to 65535", text));
  return endpoint;
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  return endpoint.host.contains(':') ? std::format("[{}]:{}", endpoint.host, endpoint.port)
                                     : std::format("{}:{}", endpoint.host, endpoint.port);
}

std::uint16_t parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() ? port : 0;
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= host_bytes_max && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == ':';
  });
}

Result<Address> Address::parse(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  const auto tls = tls_of(text.substr(0, std::min(scheme_end, text.size())));
  if (scheme_end == std::string_view::npos || !tls)
    return fail(Fault::invalid,
                "the address of the shared tier begins with valkey://, or with valkeys:// for TLS: valkey://host:6379");
  std::string_view rest = text.substr(scheme_end + 3);
  Address address{.tls = *tls};
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = rest.substr(0, at);
    if (user.contains(':'))
      return fail(
          Fault::invalid,
          "the address of the shared tier has a password in it, which process lists and logs would show: put the "
          "password into a file, or into the environment as FOVEA_VALKEY_PASSWORD, and write valkey://user@host:6379");
    if (user.empty() || !is_user(user))
      return fail(Fault::invalid, "in front of the @ stands a user's name, of letters, digits and -._~+");
    address.user = user;
    rest = rest.substr(at + 1);
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != std::string_view::npos)
    return fail(
        Fault::invalid,
        "the address of the shared tier ends with the port: Fovea uses database 0, and has its settings elsewhere");
  for (std::size_t begin = 0; begin <= rest.size();) {
    const std::size_t end = std::min(rest.find(',', begin), rest.size());
    auto endpoint = endpoint_of(rest.substr(begin, end - begin));
    if (!endpoint) return std::unexpected(std::move(endpoint.error()));
    if (!std::ranges::contains(address.seeds, *endpoint)) address.seeds.push_back(std::move(*endpoint));
    begin = end + 1;
  }
  if (address.seeds.size() > seeds_max)
    return fail(Fault::invalid,
                std::format("{} servers: name {} at most, they tell of the others", address.seeds.size(), seeds_max));
  return address;
}

Result<std::string> read_password(const std::filesystem::path& file) {
  if (file.empty()) {
    const char* set = std::getenv("FOVEA_VALKEY_PASSWORD");
    return std::string(set != nullptr ? set : "");
  }
  std::ifstream stream(file);
  std::string line;
  if (!std::getline(stream, line) || line.empty())
    return fail(Fault::not_found, std::format("{}: no password can be read from this file", file.string()));
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace fovea::valkey
