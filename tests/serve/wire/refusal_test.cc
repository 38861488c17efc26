#include "serve/wire/refusal.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

TEST(Refusal, IsOpenAisErrorObject) {
  const Refusal refusal{400, "n must be 1", "n", "unsupported_value"};
  EXPECT_EQ(
      refusal.json(),
      R"({"error":{"message":"n must be 1","type":"invalid_request_error","param":"n","code":"unsupported_value"}})");
}

TEST(Refusal, SaysNullWhereItHasNothingToSay) {
  const std::string json = Refusal{500, "broken", {}, {}}.json();
  EXPECT_EQ(value_at(json, "/error/param"), "null");
  EXPECT_EQ(value_at(json, "/error/code"), "null");
}

TEST(Refusal, RepeatsWhatClientsSentWithoutHarm) {
  const std::string hostile = "\"},\n\r\t\\\x01\x7f \xe2\x80\xa8 é";
  const std::string json = Refusal{400, hostile, hostile, {}}.json();
  EXPECT_EQ(json.find('\n'), std::string::npos) << "it also goes into streams, line by line";
  Json message;
  ASSERT_EQ(test::body_of(json).fields().at_pointer("/error/message").get(message), simdjson::SUCCESS);
  EXPECT_EQ(std::string_view(message), hostile);
}

TEST(Refusal, HasATypeForEachStatus) {
  const std::pair<int, const char*> cases[] = {
      {400, "invalid_request_error"}, {401, "authentication_error"},  {403, "permission_error"},
      {404, "not_found_error"},       {413, "invalid_request_error"}, {429, "rate_limit_error"},
      {500, "server_error"},          {503, "server_error"},          {504, "server_error"},
      {507, "server_error"},
  };
  for (const auto& [status, type] : cases) EXPECT_STREQ((Refusal{.status = status}.type()), type) << status;
}

TEST(Refusal, OfAPromptThatDoesNotFitHasBothNumbers) {
  const Refusal refusal = refusal_of(
      {.fault = Fault::invalid, .message = "too long", .overflow = {{.prompt_tokens = 900, .context_tokens = 512}}});
  EXPECT_EQ(refusal.json(), R"({"error":{"message":"too long","type":"exceed_context_size_error","param":null,)"
                            R"("code":"context_length_exceeded","n_prompt_tokens":900,"n_ctx":512}})");
}

TEST(RefusalOf, HasAStatusForEachFault) {
  const std::pair<Fault, int> cases[] = {
      {Fault::invalid, 400},   {Fault::unsupported, 400}, {Fault::too_large, 413},
      {Fault::not_found, 404}, {Fault::unavailable, 503}, {Fault::cancelled, 499},
      {Fault::timed_out, 504}, {Fault::corrupt, 500},     {Fault::internal, 500},
  };
  for (const auto& [fault, status] : cases) {
    const Refusal refusal = refusal_of({fault, "why"});
    EXPECT_EQ(refusal.status, status) << to_string(fault);
    EXPECT_EQ(refusal.message, "why");
    EXPECT_NE(refusal.code, "");
  }
}

TEST(RefusalOf, SaysWhenToComeAgainOnlyWhereThatHelps) {
  EXPECT_GT(refusal_of({Fault::unavailable, "full"}).retry_after_s, 0U);
  EXPECT_EQ(refusal_of({Fault::invalid, "wrong"}).retry_after_s, 0U);
}

TEST(Refusal, AMegabyteOfTheClientsIsNotRepeated) {
  const std::string json = Refusal{.message = std::string(999, 'x') + "\u00e9" + std::string(1 << 20, 'y')}.json();
  EXPECT_LT(json.size(), 1100);
  EXPECT_NE(json.find("xxx\",\"type\""), std::string::npos) << "cut before the character that does not fit: " << json;
}

}  // namespace
}  // namespace fovea::serve
