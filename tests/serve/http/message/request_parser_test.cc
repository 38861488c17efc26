#include "serve/http/message/request_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

Parsed<RequestHead> parsed(const std::string& fields, const std::string& line = "POST /v1/files HTTP/1.1") {
  return RequestParser().parse_head(line + "\r\n" + fields + "\r\n");
}

int status_of(const std::string& fields, const std::string& line = "POST /v1/files HTTP/1.1") {
  const auto head = parsed(fields, line);
  return head ? 200 : head.error().status;
}

TEST(RequestParser, ReadsAHead) {
  const auto head =
      parsed("Host: x\r\nAccept: a\r\nX-Empty:\r\nACCEPT:\t b \r\nContent-Length: 12\r\n", "POST /a?b HTTP/1.1");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->target, "/a?b");
  EXPECT_EQ(head->path, "/a");
  EXPECT_EQ(head->header("accept"), "a, b");
  EXPECT_EQ(head->length, 12U);
  EXPECT_FALSE(head->chunked);
  EXPECT_TRUE(head->keep_alive);
}

TEST(RequestParser, AClientSaysWhetherItGoesOn) {
  EXPECT_FALSE(parsed("Host: x\r\nConnection: close\r\n")->keep_alive);
  EXPECT_FALSE(parsed("", "GET / HTTP/1.0")->keep_alive);
  EXPECT_TRUE(parsed("Connection: Keep-Alive\r\n", "GET / HTTP/1.0")->keep_alive);
}

TEST(RequestParser, ABodyHasOneLength) {
  for (const char* fields :
       {"Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: 2\r\nContent-Length: 2\r\n",
        "Content-Length: 2, 3\r\n", "Content-Length: 2, 2\r\n", "Content-Length: +2\r\n", "Content-Length: -2\r\n",
        "Content-Length: 0x2\r\n", "Content-Length: 2 2\r\n", "Content-Length:\r\n",
        "Content-Length: 99999999999999999999999\r\n", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: Chunked\r\nContent-Length: 2\r\n", "Content-Length: 2\r\nTransfer-Encoding: gzip\r\n",
        "Transfer-Encoding : chunked\r\n", "Content-Length : 2\r\n", "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Content Length: 2\r\n", ": 2\r\n"})
    EXPECT_EQ(status_of(std::string("Host: x\r\n") + fields), 400) << fields;
}

TEST(RequestParser, ChunkedIsTheOnlyTransferCoding) {
  for (const char* coding : {"chunked", "Chunked", "CHUNKED"}) {
    const auto head = parsed(std::string("Host: x\r\nTransfer-Encoding: ") + coding + "\r\n");
    ASSERT_TRUE(head) << coding;
    EXPECT_TRUE(head->chunked);
    EXPECT_FALSE(head->length);
  }
  for (const char* coding : {"gzip", "gzip, chunked", "identity", "xchunked", "chunked, gzip"})
    EXPECT_EQ(status_of(std::string("Host: x\r\nTransfer-Encoding: ") + coding + "\r\n"), 501) << coding;
  EXPECT_EQ(status_of("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"), 400);
}

TEST(RequestParser, ARequestHasOneHost) {
  EXPECT_EQ(status_of(""), 400);
  EXPECT_EQ(status_of("Host: a\r\nHost: a\r\n"), 400);
  EXPECT_EQ(status_of("Host: a b\r\n"), 400);
  EXPECT_EQ(status_of("", "GET / HTTP/1.0"), 200);
}

TEST(RequestParser, KnowsItsVersions) {
  EXPECT_EQ(status_of("Host: x\r\n", "GET / HTTP/2.0"), 505);
  for (const char* line :
       {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET / http/1.1", "GET /a b HTTP/1.1", "G(T / HTTP/1.1"})
    EXPECT_EQ(status_of("Host: x\r\n", line), 400) << line;
}

// What comes of `bytes` as a chunked body, given in pieces of `step`: its text, "..." where more must come,
// or the status of a refusal.
std::string chunks(std::string_view bytes, std::size_t step) {
  RequestParser parser;
  EXPECT_TRUE(parser.parse_head("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
  std::string body, pending;
  const auto take = [&](std::string_view piece) -> Parsed<void> {
    body += piece;
    if (body.size() > 20) return std::unexpected(Refusal{413, "too large"});
    return {};
  };
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    pending += bytes.substr(at, step);
    const auto read = parser.parse_chunks(pending, take);
    if (!read) return std::to_string(read.error().status);
    pending.erase(0, read->used);
    if (read->complete) return body + (pending.empty() ? "" : "|" + pending);
  }
  return "...";
}

TEST(RequestParser, ReadsChunks) {
  for (const std::size_t step : {1UZ, 3UZ, 1000UZ}) {
    EXPECT_EQ(chunks("2\r\n{}\r\n0\r\n\r\n", step), "{}");
    EXPECT_EQ(chunks("1\r\na\r\n00B;x=\"y\"\r\n01234567890\r\n0\r\n\r\n", step), "a01234567890");
    EXPECT_EQ(chunks("2\r\n{}\r\n0\r\nX-Trailer: a\r\nContent-Length: 5\r\n\r\n", step), "{}")
        << "trailers are dropped";
    EXPECT_EQ(chunks("2\r\n{}\r\n0\r\n", step), "...");
  }
  EXPECT_EQ(chunks("0\r\n\r\nGET", 1000), "|GET") << "what is behind a body is the next request's";
}

TEST(RequestParser, RefusesChunksOfADoubtfulSize) {
  for (const std::size_t step : {1UZ, 1000UZ}) {
    for (const char* bytes :
         {"x\r\n", "-2\r\n{}\r\n", "+2\r\n{}\r\n", "0x2\r\n{}\r\n", "2\n{}\r\n0\r\n\r\n", "2\r\n{}0\r\n\r\n",
          "2\r\n{}\n0\r\n\r\n", "2 2\r\n{}\r\n", "\r\n", "11111111111111111\r\n", "2\r\n{}\r\n0\r\nno trailer\r\n\r\n"})
      EXPECT_EQ(chunks(bytes, step), "400") << bytes;
  }
}

TEST(RequestParser, AChunkThatSaysItIsTooLargeIsRefusedAtOnce) {
  RequestParser parser;
  ASSERT_TRUE(parser.parse_head("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
  parser.limit_chunks(10);
  const auto take = [](std::string_view) -> Parsed<void> { return {}; };
  EXPECT_EQ(parser.parse_chunks("4\r\n1234\r\n", take)->used, 7U) << "the line end is read with the next size";
  EXPECT_EQ(parser.parse_chunks("\r\n7\r\n1", take).error().status, 413);
}

TEST(RequestParser, WhoTakesTheBytesMayRefuse) {
  EXPECT_EQ(chunks("1e\r\n012345678901234567890123456789\r\n0\r\n\r\n", 1000), "413");
}

}  // namespace
}  // namespace fovea::serve
