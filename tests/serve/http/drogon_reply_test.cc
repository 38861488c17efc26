#include "serve/http/drogon_reply.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

TEST(DrogonReply, HasStatusTypeAndHeaders) {
  const auto response =
      response_with_head({.status = 503, .content_type = "text/plain", .headers = {{"Retry-After", "1"}}});
  EXPECT_EQ(response->statusCode(), drogon::k503ServiceUnavailable);
  EXPECT_EQ(response->contentType(), drogon::CT_TEXT_PLAIN);
  EXPECT_EQ(response->getHeader("Retry-After"), "1");
}

TEST(DrogonReply, AnErrorSaysWhatIsWrong) {
  const auto request = drogon::HttpRequest::newHttpRequest();
  request->setPath("/nothing");
  request->setMethod(drogon::Delete);
  const auto missing = error_reply(drogon::k404NotFound, request);
  EXPECT_EQ(missing->statusCode(), drogon::k404NotFound);
  EXPECT_EQ(missing->contentType(), drogon::CT_APPLICATION_JSON);
  const std::string body(missing->body());
  EXPECT_EQ(value_at(body, "/error/message"), R"("there is nothing at /nothing")");
  EXPECT_EQ(value_at(body, "/error/code"), R"("not_found")");
  const std::string method(error_reply(drogon::k405MethodNotAllowed, request)->body());
  EXPECT_EQ(value_at(method, "/error/message"), R"("/nothing does not take DELETE")");
}

}  // namespace
}  // namespace fovea::serve
