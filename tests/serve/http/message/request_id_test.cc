#include "serve/http/message/request_id.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

std::string named(const std::string& id) {
  RequestHead head;
  head.headers = {{"x-request-id", id}};
  name_request(head);
  EXPECT_EQ(head.headers.size(), 1U);
  return std::string(head.header("x-request-id"));
}

TEST(RequestId, AClientsOwnIdIsKept) {
  EXPECT_EQ(named("mine-1"), "mine-1");
  EXPECT_EQ(named(std::string(128, 'a')), std::string(128, 'a'));
}

TEST(RequestId, WhatCannotBeRepeatedIsReplaced) {
  for (const std::string& id : {std::string(), std::string(129, 'a'), std::string("a b"), std::string("\xff")}) {
    const std::string fresh = named(id);
    EXPECT_TRUE(fresh.starts_with("req_")) << id;
    EXPECT_EQ(fresh.size(), 36U) << id;
  }
  EXPECT_NE(named(""), named(""));
}

TEST(RequestId, EachApiHasItsField) {
  RequestHead head;
  head.headers = {{"x-request-id", "a"}};
  Headers chat, messages, by_version;
  head.path = "/v1/chat/completions";
  add_request_id(chat, head);
  EXPECT_EQ(chat, (Headers{{"X-Request-Id", "a"}}));
  head.path = "/v1/messages";
  add_request_id(messages, head);
  EXPECT_EQ(messages, (Headers{{"X-Request-Id", "a"}, {"Request-Id", "a"}}));
  head.headers.emplace_back("anthropic-version", "2023-06-01");
  head.path = "/v1/models";
  add_request_id(by_version, head);
  EXPECT_EQ(by_version, messages);
}

}  // namespace
}  // namespace fovea::serve
