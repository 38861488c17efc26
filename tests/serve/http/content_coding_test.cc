#include "serve/http/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

namespace fovea::serve {
namespace {

// `window`: 15 for zlib's format, 31 for gzip's, -15 for neither.
std::string deflated(const std::string& text, int window) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

// The body without its coding, or the status of a refusal.
std::string decoded(ContentCoding coding, std::string_view body, std::uint64_t bytes_max = 1 << 20) {
  BodyMemory memory(2 << 20);
  BodyBytes bytes(memory);
  const auto done = decode_body(coding, body, bytes_max, bytes);
  return done ? std::string(bytes.text()) : std::to_string(done.error().status);
}

std::string of_bytes(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * i);
  text.resize(size);
  return text;
}

TEST(ContentCoding, IsUndone) {
  for (const std::size_t size : {0UZ, 1UZ, 20'000UZ, 300'000UZ}) {
    const std::string text = of_bytes(size);
    EXPECT_EQ(decoded(ContentCoding::gzip, deflated(text, 31)), text);
    EXPECT_EQ(decoded(ContentCoding::deflate, deflated(text, 15)), text);
    EXPECT_EQ(decoded(ContentCoding::deflate, deflated(text, -15)), text) << "as some clients send it";
    EXPECT_EQ(decoded(ContentCoding::zstd, zstd(text)), text);
    EXPECT_EQ(decoded(ContentCoding::identity, text), text);
  }
}

TEST(ContentCoding, SeveralMembersAreOneBody) {
  EXPECT_EQ(decoded(ContentCoding::gzip, deflated("a", 31) + deflated("b", 31)), "ab");
  EXPECT_EQ(decoded(ContentCoding::zstd, zstd("a") + zstd("b")), "ab");
}

TEST(ContentCoding, ABodyFillsItsBoundAndNoMore) {
  const std::string text = of_bytes(50'000);
  const std::pair<ContentCoding, std::string> all[] = {{ContentCoding::gzip, deflated(text, 31)},
                                                       {ContentCoding::deflate, deflated(text, 15)},
                                                       {ContentCoding::zstd, zstd(text)}};
  for (const auto& [coding, body] : all) {
    EXPECT_EQ(decoded(coding, body, 50'000), text);
    EXPECT_EQ(decoded(coding, body, 49'999), "413");
  }
}

TEST(ContentCoding, ABombIsRefused) {
  const std::string zeros(100 << 20, '\0');
  EXPECT_EQ(decoded(ContentCoding::gzip, deflated(zeros, 31)), "413");
  EXPECT_EQ(decoded(ContentCoding::zstd, zstd(zeros)), "413");
  BodyMemory memory(10'000);
  BodyBytes bytes(memory);
  EXPECT_EQ(decode_body(ContentCoding::gzip, deflated(zeros, 31), 1 << 20, bytes).error().status, 503);
}

TEST(ContentCoding, DamageIsRefused) {
  const std::string text = of_bytes(1000);
  for (const auto coding : {ContentCoding::gzip, ContentCoding::deflate, ContentCoding::zstd}) {
    const std::string good = coding == ContentCoding::gzip      ? deflated(text, 31)
                             : coding == ContentCoding::deflate ? deflated(text, 15)
                                                                : zstd(text);
    EXPECT_EQ(decoded(coding, ""), "400");
    EXPECT_EQ(decoded(coding, text), "400");
    EXPECT_EQ(decoded(coding, good.substr(0, good.size() - 1)), "400") << "cut off";
    EXPECT_EQ(decoded(coding, good + "more"), "400");
  }
}

TEST(ContentCoding, IsKnownByItsName) {
  EXPECT_EQ(content_coding_of(""), ContentCoding::identity);
  EXPECT_EQ(content_coding_of("GZip"), ContentCoding::gzip);
  EXPECT_EQ(content_coding_of("deflate"), ContentCoding::deflate);
  EXPECT_EQ(content_coding_of("zstd"), ContentCoding::zstd);
  for (const char* other : {"br", "gzip, gzip", "gzip ", "compress"}) EXPECT_FALSE(content_coding_of(other)) << other;
}

}  // namespace
}  // namespace fovea::serve
