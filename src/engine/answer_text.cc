// Bytes wait until they are a whole character, and characters wait while they may be the beginning of a stop
// string. So text() only grows, and what was shown is never taken back. Invalid bytes become U+FFFD at once,
// one for each maximal subpart of a broken sequence, as Unicode recommends.
#include "engine/answer_text.h"

#include <algorithm>
#include <cstdint>

namespace fovea {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

struct Sequence {
  enum Kind : std::uint8_t { whole, partial, broken } kind;
  std::size_t length;
};

// Whether the UTF-8 sequence at the start of `bytes` is whole, may become so, or is broken (RFC 3629, section
// 4). REQUIRES: bytes is not empty.
Sequence first_sequence(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned lead = at(0);
  if (lead < 0x80) return {Sequence::whole, 1};
  const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0) return {Sequence::broken, 1};
  for (std::size_t i = 1; i < length; ++i) {
    if (i == bytes.size()) return {Sequence::partial, i};
    // The second byte's range excludes overlong forms, surrogates and code points above U+10FFFF.
    const unsigned low = i > 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = i > 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (at(i) < low || at(i) > high) return {Sequence::broken, i};
  }
  return {Sequence::whole, length};
}

// The length of the longest end of `text` that is a proper start of `stop`.
std::size_t overlap(std::string_view text, std::string_view stop) {
  for (std::size_t length = std::min(text.size(), stop.size() - 1); length > 0; --length) {
    if (text.ends_with(stop.substr(0, length))) return length;
  }
  return 0;
}

}  // namespace

AnswerText::AnswerText(std::vector<std::string> stop) : stop_(std::move(stop)) {
  std::erase_if(stop_, [](const std::string& text) { return text.empty(); });
}

std::string_view AnswerText::push(std::string_view bytes) {
  if (stopped()) return {};
  bytes_ += bytes;
  std::size_t taken = 0;
  while (taken < bytes_.size()) {
    const std::string_view rest = std::string_view(bytes_).substr(taken);
    const Sequence sequence = first_sequence(rest);
    if (sequence.kind == Sequence::partial) break;
    pending_ += sequence.kind == Sequence::whole ? rest.substr(0, sequence.length) : replacement;
    taken += sequence.length;
  }
  bytes_.erase(0, taken);

  std::size_t end = std::string::npos;
  std::size_t held_back = 0;
  for (const std::string& stop : stop_) {
    if (const std::size_t found = pending_.find(stop); found < end) {
      end = found;
      stopped_by_ = stop;
    }
    held_back = std::max(held_back, overlap(pending_, stop));
  }
  return release(stopped() ? end : pending_.size() - held_back);
}

std::string_view AnswerText::finish() {
  if (stopped()) return {};
  if (!bytes_.empty()) pending_ += replacement;
  bytes_.clear();
  return release(pending_.size());
}

std::string_view AnswerText::release(std::size_t count) {
  const std::size_t start = text_.size();
  text_.append(pending_, 0, count);
  pending_.erase(0, count);
  return std::string_view(text_).substr(start);
}

}  // namespace fovea
