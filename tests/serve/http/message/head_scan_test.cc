#include "serve/http/message/head_scan.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

// The status that the bytes are refused with; 0 where they are not.
int status_of(std::string_view bytes) {
  HeadScan scan;
  const auto size = scan.scan(bytes);
  return size ? 0 : size.error().status;
}

std::string with_fields(std::size_t fields) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < fields; ++i) head += "X: y\r\n";
  return head;
}

TEST(HeadScan, FindsTheEndByteByByte) {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  HeadScan scan;
  for (std::size_t size = 1; size < head.size(); ++size) {
    const auto end = scan.scan(head.substr(0, size));
    ASSERT_TRUE(end) << size;
    EXPECT_FALSE(*end) << size;
  }
  EXPECT_EQ(scan.scan(head + "body").value(), std::optional(head.size()));
}

TEST(HeadScan, RefusesLinesThatTwoReadersSeeDifferently) {
  for (const char* bytes :
       {"GET / HTTP/1.1\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\n\n", "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n", "GET / HTTP/1.1\r\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\n\r\n", "\x16\x03\x01"})
    EXPECT_EQ(status_of(bytes), 400) << bytes;
  EXPECT_EQ(status_of(std::string_view("GET / HTTP/1.1\r\nA: \0b\r\n\r\n", 26)), 400);
}

TEST(HeadScan, BoundsLinesBeforeTheHeadIsComplete) {
  EXPECT_EQ(status_of(with_fields(HeadScan::fields_max) + "\r\n"), 0);
  EXPECT_EQ(status_of(with_fields(HeadScan::fields_max + 1)), 431);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX: " + std::string(HeadScan::head_bytes_max, 'a')), 431);
  EXPECT_EQ(status_of("GET /" + std::string(HeadScan::line_bytes_max, 'a')), 414);
  EXPECT_EQ(status_of("GET /" + std::string(HeadScan::line_bytes_max, 'a') + " HTTP/1.1\r\n"), 414);
}

}  // namespace
}  // namespace fovea::serve
