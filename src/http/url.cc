// libcurl parses, and its normalised parts are kept. Checking a host that another parser found would be a
// hole: two parsers may disagree about which host a URL names.
#include "http/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <format>
#include <optional>

#include "base/check.h"
#include "base/owned.h"

namespace fovea {

namespace {

// Servers refuse URLs at a quarter of this length.
constexpr std::size_t url_bytes_max = 32 << 10;

using Handle = Owned<CURLU, curl_url_cleanup>;

std::optional<std::string> part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return std::nullopt;
  const Owned<char, curl_free> owned(text);
  return std::string(text);
}

std::string plain_host(std::string host) {
  std::ranges::transform(host, host.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.pop_back();
  return host;
}

// Sets the URL; where `url` has one already, resolves `text` against it.
Result<void> set(CURLU* url, std::string_view text) {
  if (text.size() > url_bytes_max)
    return fail(Fault::invalid, std::format("a URL of {} bytes: at most {} are taken", text.size(), url_bytes_max));
  if (text.contains('\0')) return fail(Fault::invalid, "a URL with a zero byte in it");
  const CURLUcode code = curl_url_set(url, CURLUPART_URL, std::string(text).c_str(), CURLU_DISALLOW_USER);
  if (code == CURLUE_OK) return {};
  if (code == CURLUE_USER_NOT_ALLOWED)
    return fail(Fault::invalid, "a URL with a user name or password in it: take them out");
  if (code == CURLUE_UNSUPPORTED_SCHEME) return fail(Fault::invalid, "a URL of another scheme than http and https");
  return fail(Fault::invalid, std::format("not a URL: {}", curl_url_strerror(code)));
}

}  // namespace

Result<Url> Url::parse(std::string_view text) { return Url().resolve(text); }

Result<Url> Url::resolve(std::string_view location) const {
  const Handle url(curl_url());
  check(url != nullptr, "libcurl has memory for a URL");
  if (!text_.empty()) {
    if (auto was_set = set(url.get(), text_); !was_set) return std::unexpected(was_set.error());
  }
  if (auto was_set = set(url.get(), location); !was_set) return std::unexpected(was_set.error());
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  const auto scheme = part_of(url.get(), CURLUPART_SCHEME);
  const auto host = part_of(url.get(), CURLUPART_HOST);
  const auto port = part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const auto whole = part_of(url.get(), CURLUPART_URL);
  if (!scheme || (*scheme != "http" && *scheme != "https"))
    return fail(Fault::invalid, "a URL of another scheme than http and https");
  if (!host || !port || !whole || plain_host(*host).empty()) return fail(Fault::invalid, "a URL without a host");
  Url parsed;
  parsed.text_ = *whole;
  parsed.host_ = plain_host(*host);
  parsed.origin_ = std::format("{}://{}:{}", *scheme, *host, *port);
  return parsed;
}

}  // namespace fovea
