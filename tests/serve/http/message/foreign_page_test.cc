#include "serve/http/message/foreign_page.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace fovea::serve {
namespace {

RequestHead asking(std::string method, Headers headers) {
  RequestHead head;
  head.method = std::move(method);
  head.headers = std::move(headers);
  return head;
}

// Of a POST with these fields, to a server that checks names.
bool passes(Headers headers, const Cors& cors = Cors({})) {
  return !refused_page(asking("POST", std::move(headers)), cors, true);
}

TEST(ForeignPage, AClientThatIsNoBrowserMayAsk) {
  EXPECT_TRUE(passes({}));
  EXPECT_TRUE(passes({{"host", "127.0.0.1:8080"}}));
}

TEST(ForeignPage, APageOfAnotherOriginMayNot) {
  for (const char* origin : {"https://evil.example", "null", "http://localhost:3000", "localhost:8080"})
    EXPECT_FALSE(passes({{"host", "localhost:8080"}, {"origin", origin}})) << origin;
  EXPECT_FALSE(passes({{"host", "localhost"}, {"sec-fetch-site", "cross-site"}}));
  EXPECT_FALSE(passes({{"host", "localhost"}, {"sec-fetch-site", "same-site"}}));
  EXPECT_FALSE(passes({{"origin", "https://evil.example"}})) << "no Host to compare with";
}

TEST(ForeignPage, TheRefusalSaysWhatToDo) {
  const auto refused =
      refused_page(asking("DELETE", {{"host", "localhost"}, {"origin", "https://a.example"}}), Cors({}), false);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 403);
  EXPECT_TRUE(refused->message.contains("https://a.example"));
  EXPECT_TRUE(refused->message.contains("--cors-origins"));
}

TEST(ForeignPage, TheServersOwnPageMay) {
  EXPECT_TRUE(passes({{"host", "localhost:8080"}, {"origin", "http://LOCALHOST:8080"}}));
  EXPECT_TRUE(passes({{"host", "127.0.0.1"}, {"origin", "https://fovea.example"}, {"sec-fetch-site", "same-origin"}}))
      << "a proxy changes Host";
  EXPECT_TRUE(passes({{"host", "localhost:80"}, {"origin", "http://localhost"}})) << "HTTP's own port";
  EXPECT_TRUE(passes({{"host", "localhost:443"}, {"origin", "https://localhost"}})) << "that of TLS";
  EXPECT_FALSE(passes({{"host", "localhost:443"}, {"origin", "http://localhost"}}));
  EXPECT_TRUE(passes({{"host", "localhost"}, {"sec-fetch-site", "none"}})) << "its user has typed the address";
}

TEST(ForeignPage, AnOriginThatWasNamedMay) {
  const Headers headers = {{"host", "localhost"}, {"origin", "https://a.example"}, {"sec-fetch-site", "cross-site"}};
  EXPECT_TRUE(passes(headers, Cors({"https://a.example"})));
  EXPECT_FALSE(passes(headers, Cors({"https://b.example"})));
  EXPECT_TRUE(passes(headers, Cors({"*"})));
  EXPECT_TRUE(passes({{"sec-fetch-site", "cross-site"}}, Cors({"*"})));
}

TEST(ForeignPage, WhatOnlyReadsIsLeftToTheBrowser) {
  for (const char* method : {"GET", "HEAD", "OPTIONS"})
    EXPECT_FALSE(refused_page(asking(method, {{"origin", "https://evil.example"}}), Cors({}), true)) << method;
}

TEST(ForeignPage, ANameThatAnybodyCouldHaveIsNotTheServers) {
  for (const char* host : {"localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "fovea", "a.localhost",
                           "host.docker.internal:8080", "printer.local"})
    EXPECT_TRUE(passes({{"host", host}})) << host;
  for (const char* host : {"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example"}) {
    EXPECT_FALSE(passes({{"host", host}})) << host;
    EXPECT_TRUE(refused_page(asking("GET", {{"host", host}}), Cors({}), true)) << "its pages could read, too";
    EXPECT_FALSE(refused_page(asking("GET", {{"host", host}}), Cors({}), false)) << host;
  }
  for (const char* host : {"fovea.example", "Fovea.example", "fovea.example:443"})
    EXPECT_TRUE(passes({{"host", host}}, Cors({"https://fovea.example"}))) << host;
  EXPECT_FALSE(passes({{"host", "fovea.example:80"}}, Cors({"https://fovea.example"})));
}

}  // namespace
}  // namespace fovea::serve
