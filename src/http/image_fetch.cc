// HttpClient follows no redirect, so each hop is checked here as the first URL was. All hops share one time
// limit.
#include "http/image_fetch.h"

#include <algorithm>
#include <format>
#include <utility>

#include "base/clock.h"

namespace fovea {

namespace {

bool allows(std::string_view entry, std::string_view host) {
  if (entry == "*") return true;
  if (entry.starts_with("*.")) return host.ends_with(entry.substr(1)) && host.size() >= entry.size();
  return host == entry;
}

// Url gives hosts in lower case.
ImageFetchOptions in_lower_case(ImageFetchOptions options) {
  for (std::string& host : options.hosts)
    std::ranges::transform(host, host.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return options;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// The error for a status other than 200.
Error refusal(const Url& url, int status) {
  const Fault fault = status >= 500 || status == 429 ? Fault::unavailable : Fault::invalid;
  return {fault, std::format("{} answered with status {} instead of a picture or video", url.origin(), status)};
}

}  // namespace

ImageFetch::ImageFetch(ImageFetchOptions options)
    : options_(in_lower_case(std::move(options))), client_(options_.addresses) {}

Result<void> ImageFetch::check_host(const Url& url) const {
  if (std::ranges::any_of(options_.hosts, [&](const std::string& entry) { return allows(entry, url.host()); }))
    return {};
  return fail(
      Fault::invalid,
      std::format("nothing is fetched from {} here: send the picture or video itself, as a data: URL", url.host()));
}

Result<Blob> ImageFetch::get(std::string_view url_text, const std::stop_token& stop) {
  const Stopwatch watch;
  auto url = Url::parse(url_text);
  for (int hop = 0; url && hop <= redirects_max; ++hop) {
    if (auto allowed = check_host(*url); !allowed) return std::unexpected(allowed.error());
    HttpRequest request{.url = *url, .headers = {{"Accept", "image/*, video/*"}}, .body_bytes_max = options_.bytes_max};
    request.timeouts.total_ms = options_.total_ms - watch.elapsed_ms();
    std::string bytes;
    // Only the body of a 200 is read, not those of redirects and refusals.
    const auto on_body = [&](std::string_view more) {
      bytes += more;
      return true;
    };
    HttpHead answered;
    const auto on_head = [&](const HttpHead& head) {
      answered = head;
      return head.status == 200;
    };
    auto head = client_.send(request, on_head, on_body, stop);
    if (head) return Blob::copy_of(bytes);
    if (answered.status == 0 || answered.status == 200) return std::unexpected(head.error());
    if (!is_redirect(answered.status)) return std::unexpected(refusal(*url, answered.status));
    url = url->resolve(answered.header("Location"));
  }
  if (!url) return std::unexpected(url.error());
  return fail(Fault::invalid, std::format("{} redirects more than {} times", url->origin(), redirects_max));
}

}  // namespace fovea
