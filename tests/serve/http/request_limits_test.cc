#include "serve/http/request_limits.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

// The status with which a request with this many header fields is refused; 0 where it is not.
int status_with(std::size_t headers) {
  const auto request = drogon::HttpRequest::newHttpRequest();
  for (std::size_t i = 0; i < headers; ++i) request->addHeader("x-" + std::to_string(i), "value");
  const auto refused = refused_head(*request);
  return refused ? refused->status : 0;
}

TEST(RequestLimits, BoundTheNumberOfHeaders) {
  EXPECT_EQ(status_with(headers_max), 0);
  EXPECT_EQ(status_with(headers_max + 1), 431);
}

TEST(RequestLimits, ABodyHasOneLength) {
  const auto request = drogon::HttpRequest::newHttpRequest();
  request->addHeader("content-length", "2");
  EXPECT_FALSE(refused_head(*request));
  request->addHeader("transfer-encoding", "chunked");
  const auto refused = refused_head(*request);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 400);
}

}  // namespace
}  // namespace fovea::serve
