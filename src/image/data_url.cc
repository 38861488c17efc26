// The head, up to the comma, is read letter by letter: it is short. The data is megabytes: it is decoded by
// simdutf straight into the blob, and copied before that only where it has a percent sign.
#include "image/data_url.h"

#include <simdutf.h>

#include <algorithm>
#include <format>
#include <memory>

#include "base/percent.h"
#include "base/units.h"

namespace fovea {

namespace {

constexpr std::string_view scheme = "data:";
constexpr std::string_view white_space = " \t\r\n\f";
// A media type and a file's name: more is no head, and a comma far inside base64 is not its end.
constexpr std::size_t head_bytes_max = 4096;

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
  return text.substr(0, text.find_last_not_of(white_space) + 1);
}

bool equal_letters(std::string_view text, std::string_view lower) {
  const auto lowered = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(text, lower, {}, lowered);
}

// Where the comma behind the parameters is; a comma in a quoted parameter is not it.
std::size_t comma_of(std::string_view url) {
  bool quoted = false;
  for (std::size_t at = 0; at < std::min(url.size(), head_bytes_max); ++at) {
    if (url[at] == '"') quoted = !quoted;
    if (url[at] == ',' && !quoted) return at;
  }
  return std::string_view::npos;
}

// Whether one of the parameters says base64; also where the media type and its semicolon were forgotten.
bool says_base64(std::string_view head) {
  while (true) {
    const std::size_t end = head.find(';');
    if (equal_letters(trimmed(head.substr(0, end)), "base64")) return true;
    if (end == std::string_view::npos) return false;
    head.remove_prefix(end + 1);
  }
}

std::unexpected<Error> too_large(std::uint64_t bytes, std::uint64_t bytes_max) {
  return fail(Fault::too_large, std::format("a file of {} is over the limit of {}: send a smaller one",
                                            format_bytes(bytes), format_bytes(bytes_max)));
}

// Any number of padding signs at the end is as good as the right one.
std::string_view without_padding(std::string_view base64) {
  return base64.substr(0, base64.find_last_not_of("= \t\r\n\f") + 1);
}

// White space is counted only where it matters, since that reads all of the data once more.
std::uint64_t bytes_of(std::string_view base64, std::uint64_t bytes_max) {
  const auto is_space = [](char c) { return white_space.contains(c); };
  if (base64.size() * 3 / 4 <= bytes_max) return base64.size() * 3 / 4;
  return (base64.size() - static_cast<std::size_t>(std::ranges::count_if(base64, is_space))) * 3 / 4;
}

Result<Blob> decode_text(std::string_view text, std::uint64_t bytes_max) {
  if (text.size() > bytes_max) return too_large(text.size(), bytes_max);
  return Blob::copy_of(text);
}

}  // namespace

Result<Blob> decode_base64(std::string_view padded, std::uint64_t bytes_max) {
  const std::string_view base64 = without_padding(padded);
  if (const std::uint64_t bytes = bytes_of(base64, bytes_max); bytes > bytes_max) return too_large(bytes, bytes_max);
  simdutf::result decoded;
  const std::size_t room = simdutf::maximal_binary_length_from_base64(base64.data(), base64.size());
  const Blob blob = Blob::filled(room, [&](std::span<std::byte> out) {
    decoded = simdutf::base64_to_binary(base64.data(), base64.size(), reinterpret_cast<char*>(out.data()),
                                        simdutf::base64_default_or_url);
  });
  if (decoded.error != simdutf::error_code::SUCCESS) {
    return fail(Fault::invalid,
                std::format("the base64 is broken near character {}: encode the file again", decoded.count));
  }
  // The estimate counted white space: the blob is longer than what was decoded.
  return Blob::sharing(std::make_shared<Blob>(blob), blob.bytes().first(decoded.count));
}

bool is_data_url(std::string_view url) {
  url.remove_prefix(std::min(url.find_first_not_of(white_space), url.size()));
  return equal_letters(url.substr(0, scheme.size()), scheme);
}

Result<Blob> decode_data_url(std::string_view url, std::uint64_t bytes_max) {
  url = trimmed(url);
  url.remove_prefix(std::min(scheme.size(), url.size()));
  const std::size_t comma = comma_of(url);
  if (comma == std::string_view::npos) {
    return fail(Fault::invalid,
                "a data: URL is written data:image/jpeg;base64,DATA; this one has no comma before its data");
  }
  std::string_view data = url.substr(comma + 1);
  std::string plain;
  if (data.contains('%')) {
    plain = percent_decoded(data).text;  // as in browsers, what is no escape stays
    data = plain;
  }
  auto bytes = says_base64(url.substr(0, comma)) ? decode_base64(data, bytes_max) : decode_text(data, bytes_max);
  if (bytes && bytes->size() == 0) return fail(Fault::invalid, "the data: URL holds no bytes");
  return bytes;
}

std::optional<std::string_view> data_of_type(std::string_view url, std::string_view media_type) {
  if (!is_data_url(url)) return std::nullopt;
  url = trimmed(url).substr(scheme.size());
  const std::size_t comma = comma_of(url);
  const std::string_view head = url.substr(0, comma);
  const bool is_meant = equal_letters(trimmed(head.substr(0, head.find(';'))), media_type) && says_base64(head);
  return comma != std::string_view::npos && is_meant ? std::optional(url.substr(comma + 1)) : std::nullopt;
}

std::string encode_data_url(std::string_view media_type, const Blob& bytes) {
  std::string url = std::format("data:{};base64,", media_type);
  const std::size_t start = url.size();
  url.resize(start + simdutf::base64_length_from_binary(bytes.size()));
  simdutf::binary_to_base64(reinterpret_cast<const char*>(bytes.bytes().data()), bytes.size(), url.data() + start);
  return url;
}

}  // namespace fovea
