// Dot segments are removed as RFC 3986 (5.2.4) says, where %2e is a dot. Servers differ in what they decode,
// and how often: a segment that still has ".." between slashes once it is decoded to the end is refused.
#include "engine/upstream/passed_target.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <vector>

namespace fovea {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decoded_once(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool coded = text[at] == '%' && text.size() - at > 2;
    const int high = coded ? hex_digit(text[at + 1]) : -1, low = coded ? hex_digit(text[at + 2]) : -1;
    if (high >= 0 && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

// Each decoding makes a text shorter, or is the last.
std::string decoded_to_the_end(std::string text) {
  for (;;) {
    std::string next = decoded_once(text);
    if (next == text) return text;
    text = std::move(next);
  }
}

bool hides_a_step(std::string_view segment) {
  std::string text = decoded_to_the_end(std::string(segment));
  std::ranges::replace(text, '\\', '/');
  return std::ranges::any_of(text | std::views::split('/'),
                             [](const auto& part) {
                               const std::string_view step(part.begin(), part.end());
                               return step == ".." || step == ".";
                             }) ||
         text.contains('\0');
}

// The segments that are left, as they were written; nullopt where one hides a step.
std::optional<std::vector<std::string_view>> segments_of(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const auto part : path | std::views::split('/')) {
    const std::string_view segment(part.begin(), part.end());
    const std::string plain = decoded_once(segment);
    if (plain.empty() || plain == ".") continue;
    if (plain == "..") {
      if (!kept.empty()) kept.pop_back();
      continue;
    }
    if (hides_a_step(segment)) return std::nullopt;
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
  if (!segments) return fail(Fault::invalid, "the path has .. or . between encoded slashes: write it plainly");
  std::string kept;
  for (const std::string_view segment : *segments) kept.append("/").append(segment);
  const bool folder = kept.empty() || path.ends_with('/');
  if (folder) kept += '/';
  return PassedTarget{.path = decoded_once(kept), .text = kept + std::string(target.substr(path.size()))};
}

}  // namespace fovea
