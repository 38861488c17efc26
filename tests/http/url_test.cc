#include "http/url.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

TEST(Url, IsTakenApart) {
  const Url url = Url::parse("HTTPS://Pictures.Example.:8443/a/../b.png?x=1#part").value();
  EXPECT_EQ(url.host(), "pictures.example");
  EXPECT_EQ(url.text(), "https://Pictures.Example.:8443/b.png?x=1");
  EXPECT_EQ(url.origin(), "https://Pictures.Example.:8443");
  EXPECT_EQ(Url::parse("http://host/x").value().origin(), "http://host:80");
  EXPECT_EQ(Url::parse("http://[::1]:8000/").value().host(), "::1");
}

// What browsers take for an address is one here too, before any list is asked.
TEST(Url, KnowsNumbersAsAddresses) {
  EXPECT_EQ(Url::parse("http://2130706433/").value().host(), "127.0.0.1");
  EXPECT_EQ(Url::parse("http://0x7f.1/").value().host(), "127.0.0.1");
}

TEST(Url, LeadsOnToWhereARedirectPoints) {
  const Url url = Url::parse("http://host/a/b").value();
  EXPECT_EQ(url.resolve("c").value().text(), "http://host/a/c");
  EXPECT_EQ(url.resolve("/c").value().text(), "http://host/c");
  EXPECT_EQ(url.resolve("//other/c").value().text(), "http://other/c");
  EXPECT_EQ(url.resolve("https://other/c").value().text(), "https://other/c");
  EXPECT_FALSE(url.resolve("file:///etc/passwd"));
}

TEST(Url, RefusesWhatIsNoneAndRepeatsNothingOfIt) {
  for (const std::string& text : {
           std::string(),
           std::string("secret"),
           std::string("/secret"),
           std::string("file:///secret"),
           std::string("ftp://host/secret"),
           std::string("gopher://host/secret"),
           std::string("http://"),
           std::string("http://secret:password@host/"),
           std::string("http://secret@host/"),
           std::string("http://host:99999/secret"),
           std::string("http://host/sec ret\n"),
           std::string("http://host/\0secret", 19),
           "http://host/" + std::string(40'000, 'a'),
       }) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().fault, Fault::invalid);
    EXPECT_FALSE(url.error().message.contains("secret")) << url.error().message;
  }
}

}  // namespace
}  // namespace fovea
