// Dot segments are removed as RFC 3986 (5.2.4) says, where %2e is a dot. Servers differ in what they decode,
// and how often: a segment that still has ".." between slashes once it is decoded to the end is refused, and
// so is one that is encoded more often than anybody means.
#include "engine/upstream/passed_target.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "base/percent.h"

namespace fovea {

namespace {

// Nobody encodes so often. Each time reads the whole text, so without a bound a long one takes long.
constexpr int encodings_max = 4;

std::string decoded_once(std::string_view text) { return percent_decoded(text).text; }

// Decoded until nothing changes; nullopt where that is not so after `encodings_max` times.
std::optional<std::string> decoded_to_the_end(std::string_view segment) {
  std::string text(segment);
  for (int i = 0; i <= encodings_max; ++i) {
    std::string next = decoded_once(text);
    if (next == text) return text;
    text = std::move(next);
  }
  return std::nullopt;
}

// `text` is decoded to the end.
bool has_a_step(std::string text) {
  std::ranges::replace(text, '\\', '/');
  return std::ranges::any_of(text | std::views::split('/'),
                             [](const auto& part) {
                               const std::string_view step(part.begin(), part.end());
                               return step == ".." || step == ".";
                             }) ||
         text.contains('\0');
}

// The segments that are left, as they were written.
Result<std::vector<std::string_view>> segments_of(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const auto part : path | std::views::split('/')) {
    const std::string_view segment(part.begin(), part.end());
    const std::string plain = decoded_once(segment);
    if (plain.empty() || plain == ".") continue;
    if (plain == "..") {
      if (!kept.empty()) kept.pop_back();
      continue;
    }
    auto last = decoded_to_the_end(plain);
    if (!last) return fail(Fault::invalid, "the path is percent-encoded many times over: encode it once");
    if (has_a_step(std::move(*last)))
      return fail(Fault::invalid, "the path has .. or . between encoded slashes: write it plainly");
    kept.push_back(segment);
  }
  return kept;
}

}  // namespace

Result<PassedTarget> passed_target(std::string_view target) {
  target = target.substr(0, target.find('#'));
  const std::string_view path = target.substr(0, target.find('?'));
  if (!path.starts_with('/')) return fail(Fault::invalid, "a request's path begins with a slash");
  const auto segments = segments_of(path);
  if (!segments) return std::unexpected(segments.error());
  std::string kept;
  for (const std::string_view segment : *segments) kept.append("/").append(segment);
  const bool folder = kept.empty() || path.ends_with('/');
  if (folder) kept += '/';
  return PassedTarget{.path = decoded_once(kept), .text = kept + std::string(target.substr(path.size()))};
}

}  // namespace fovea
