// Both libraries are given the body piece by piece, with room for the result that grows: a body that would be
// a thousand times as large is refused at the bound, and no more memory is taken for it than that.
#include "serve/http/content_coding.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <format>
#include <limits>
#include <string>

#include "base/owned.h"
#include "base/units.h"

namespace fovea::serve {

namespace {

constexpr int window_log_max = 23;    // of zstd: 8 MiB, what RFC 9659 asks of readers
constexpr int any_window = 15;        // of zlib: the largest
constexpr int with_gzip_header = 16;  // zlib adds it to the window's size

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lowered;
}

Refusal damaged(const char* coding) {
  return {400,
          std::format("the request's body is not valid {}, which its Content-Encoding names", coding),
          {},
          "invalid_body"};
}

// Why there is no more room for the result.
Refusal no_room(const BodyBytes& decoded, std::uint64_t bytes_max) {
  if (decoded.size() >= bytes_max)
    return {413,
            std::format("the request's body is larger than {} without its Content-Encoding", format_bytes(bytes_max)),
            {},
            "too_large"};
  return {503, "the memory for requests' bodies is full: ask again in a moment", {}, "overloaded", 1};
}

// One zlib stream at the beginning of `rest`, or several of gzip's behind each other.
class ZlibReader {
 public:
  explicit ZlibReader(int window) : ready_(inflateInit2(&stream_, window) == Z_OK) {}
  ~ZlibReader() { inflateEnd(&stream_); }
  ZlibReader(const ZlibReader&) = delete;
  ZlibReader& operator=(const ZlibReader&) = delete;

  Parsed<void> read(std::string_view body, std::uint64_t bytes_max, BodyBytes& decoded, bool several,
                    const char* name) {
    if (!ready_ || body.size() > std::numeric_limits<uInt>::max()) return std::unexpected(damaged(name));
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));  // zlib's interface is older than const
    stream_.avail_in = static_cast<uInt>(body.size());
    while (true) {
      // One byte beyond the bound is not kept: it shows that there is more.
      if (!decoded.grow(bytes_max)) return ended(name, decoded, bytes_max);
      const auto room = decoded.room();
      stream_.next_out = reinterpret_cast<Bytef*>(room.data());
      stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(room.size(), std::numeric_limits<uInt>::max()));
      const uInt offered = stream_.avail_out;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      decoded.filled(offered - stream_.avail_out);
      if (result == Z_STREAM_END) {
        if (stream_.avail_in == 0) return {};
        if (!several || inflateReset(&stream_) != Z_OK) return std::unexpected(damaged(name));
      } else if (result != Z_OK) {
        return std::unexpected(damaged(name));
      }
    }
  }

 private:
  // There is no room: either nothing is missing but the stream's end, or the body is too large.
  Parsed<void> ended(const char* name, const BodyBytes& decoded, std::uint64_t bytes_max) {
    Bytef beyond = 0;
    stream_.next_out = &beyond;
    stream_.avail_out = 1;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_STREAM_END && stream_.avail_out == 1 && stream_.avail_in == 0) return {};
    if (result != Z_OK && result != Z_STREAM_END) return std::unexpected(damaged(name));
    return std::unexpected(no_room(decoded, bytes_max));
  }

  z_stream stream_{};
  const bool ready_;
};

// What HTTP calls deflate is zlib's format; some clients send it without zlib's two bytes in front.
bool has_zlib_header(std::string_view body) {
  if (body.size() < 2) return false;
  const auto first = static_cast<unsigned char>(body[0]), second = static_cast<unsigned char>(body[1]);
  return (first & 0x0F) == Z_DEFLATED && (first * 256U + second) % 31 == 0;
}

Parsed<void> read_zstd(std::string_view body, std::uint64_t bytes_max, BodyBytes& decoded) {
  const Owned<ZSTD_DCtx, ZSTD_freeDCtx> context(ZSTD_createDCtx());
  if (!context || ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log_max)) != 0)
    return std::unexpected(damaged("zstd"));
  ZSTD_inBuffer in{.src = body.data(), .size = body.size(), .pos = 0};
  std::size_t expected = 1;  // of the frame that is being read
  while (in.pos < in.size || expected != 0) {
    char beyond = 0;
    const bool has_room = decoded.grow(bytes_max);
    const auto room = has_room ? decoded.room() : std::span(&beyond, 1);
    ZSTD_outBuffer out{.dst = room.data(), .size = room.size(), .pos = 0};
    const std::size_t read_before = in.pos;
    expected = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(expected) != 0) return std::unexpected(damaged("zstd"));
    if (!has_room && out.pos > 0) return std::unexpected(no_room(decoded, bytes_max));
    if (has_room) decoded.filled(out.pos);
    if (expected != 0 && out.pos == 0 && in.pos == read_before) {
      if (!has_room && in.pos < in.size) return std::unexpected(no_room(decoded, bytes_max));
      return std::unexpected(damaged("zstd"));
    }
  }
  return {};
}

}  // namespace

std::optional<ContentCoding> content_coding_of(std::string_view field) {
  const std::string name = lower(field);
  if (name.empty() || name == "identity") return ContentCoding::identity;
  if (name == "gzip" || name == "x-gzip") return ContentCoding::gzip;
  if (name == "deflate") return ContentCoding::deflate;
  if (name == "zstd") return ContentCoding::zstd;
  return std::nullopt;
}

Parsed<void> decode_body(ContentCoding coding, std::string_view body, std::uint64_t bytes_max, BodyBytes& decoded) {
  switch (coding) {
    case ContentCoding::gzip:
      return ZlibReader(any_window + with_gzip_header).read(body, bytes_max, decoded, true, "gzip");
    case ContentCoding::deflate:
      return ZlibReader(has_zlib_header(body) ? any_window : -any_window)
          .read(body, bytes_max, decoded, false, "deflate");
    case ContentCoding::zstd:
      return read_zstd(body, bytes_max, decoded);
    case ContentCoding::identity:
      break;
  }
  if (!decoded.append(body, bytes_max)) return std::unexpected(no_room(decoded, bytes_max));
  return {};
}

}  // namespace fovea::serve
