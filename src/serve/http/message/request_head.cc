// A target is kept as it was sent and decoded once, whole. A path with an escape that is none is no path.
#include "serve/http/message/request_head.h"

#include <algorithm>
#include <charconv>

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

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) return std::nullopt;
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded;
}

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
    if (percent_decoded(pair.substr(0, equals), true) != name) continue;
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    return percent_decoded(value, true).value_or(std::string(value));
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
  auto decoded = percent_decoded(local.substr(0, question), false);
  if (!decoded) return false;
  if (decoded->contains('\0')) decoded = local.substr(0, question);  // nothing here has such a name
  path = decoded->empty() ? "/" : std::move(*decoded);
  return path.starts_with('/');
}

}  // namespace fovea::serve
