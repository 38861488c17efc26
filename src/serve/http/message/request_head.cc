// A target is kept as it was sent and decoded once, whole. A path with an escape that is none is no path.
#include "serve/http/message/request_head.h"

#include <algorithm>
#include <utility>

#include "base/percent.h"

namespace fovea::serve {

namespace {

// A target may be a whole address (RFC 9112, 3.2.2): what is behind its host.
std::string_view without_origin(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const std::size_t end = target.find_first_of("/?", scheme.size());
    return end == std::string_view::npos ? "/" : target.substr(end);
  }
  return target;
}

// A part of a query, where a plus is a space; nullopt where it has a % that begins no escape.
std::optional<std::string> query_text(std::string_view part) {
  std::string text(part);
  std::ranges::replace(text, '+', ' ');
  PercentDecoded decoded = percent_decoded(text);
  if (decoded.broken) return std::nullopt;
  return std::move(decoded.text);
}

}  // namespace

std::string_view RequestHead::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, [](const auto& field) { return std::string_view(field.first); });
  return found == headers.end() ? std::string_view() : found->second;
}

std::string RequestHead::parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (query_text(pair.substr(0, equals)) != name) continue;
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    return query_text(value).value_or(std::string(value));
  }
  return {};
}

bool RequestHead::split_target() {
  if (target == "*") {
    path = target;
    return method == "OPTIONS";
  }
  if (target.empty()) return false;
  target = std::string(without_origin(target));
  const std::string_view local = target;
  const std::size_t question = std::min(local.find('?'), local.size());
  query = local.substr(std::min(question + 1, local.size()));
  PercentDecoded decoded = percent_decoded(local.substr(0, question));
  if (decoded.broken) return false;
  if (decoded.text.contains('\0')) decoded.text = local.substr(0, question);  // nothing here has such a name
  path = decoded.text.empty() ? "/" : std::move(decoded.text);
  return path.starts_with('/');
}

}  // namespace fovea::serve
