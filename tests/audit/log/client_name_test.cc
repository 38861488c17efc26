#include "audit/log/client_name.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(ClientName, IsTheLogsOwn) {
  EXPECT_EQ(client_name("shop"), "shop");
  EXPECT_EQ(client_name(""), "");
  EXPECT_EQ(client_name("10.0.0.7"), "10.0.0.7");
  EXPECT_EQ(client_name("two\nlines"), "two lines");
  EXPECT_EQ(client_name("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(client_name("caf\xe9"), "caf?") << "of another encoding";
}

TEST(ClientName, IsNeverAnApiKey) {
  const std::string key = "sk-proj-1234567890abcdef";
  EXPECT_EQ(client_name(key), hashed_key(key));
  EXPECT_EQ(client_name("Bearer " + key), hashed_key(key));
  EXPECT_FALSE(client_name(key).contains("1234567890"));
}

TEST(ClientName, IsShortAndStaysDifferent) {
  const std::string a(100, 'a'), b = std::string(99, 'a') + "b";
  EXPECT_LE(client_name(a).size(), 70u);
  EXPECT_NE(client_name(a), client_name(b));
  EXPECT_EQ(client_name(client_name(a)), client_name(a));
  std::string accents;
  for (int i = 0; i < 60; ++i) accents += "é";
  EXPECT_TRUE(client_name("x" + accents).starts_with("xé"));
  EXPECT_NE(client_name("x" + accents).find("é~"), std::string::npos) << "no half of a character stays";
}

TEST(HashedKey, IsTheSameForTheSameKey) {
  EXPECT_EQ(hashed_key("Bearer abc"), hashed_key("abc"));
  EXPECT_NE(hashed_key("abc"), hashed_key("abd"));
  EXPECT_EQ(hashed_key("abc").size(), 12u);
  EXPECT_EQ(hashed_key(""), "");
}

TEST(RouteName, IsThePathAlone) {
  EXPECT_EQ(route_name("https://api.example.org/v1/messages?key=secret"), "/v1/messages");
  EXPECT_EQ(route_name("/v1/messages#top"), "/v1/messages");
  EXPECT_EQ(route_name("https://api.example.org"), "/");
  EXPECT_EQ(route_name("acompletion"), "acompletion");
}

}  // namespace
}  // namespace fovea
