#include "http/image_fetch.h"

#include <gtest/gtest.h>

#include <format>
#include <string>
#include <vector>

#include "http/scripted_server.h"

namespace fovea {
namespace {

using test::ScriptedServer;

class PictureFetchTest : public testing::Test {
 protected:
  Result<Blob> get(const std::string& url, const std::vector<std::string>& hosts = {"127.0.0.1"}) {
    ImageFetch fetch({.hosts = hosts, .addresses = AddressRule::any, .bytes_max = 1000, .total_ms = 60'000});
    return fetch.get(url);
  }
  std::string redirect_to(const std::string& url) {
    return server.url_of(std::format(R"([{{"status":302}},{{"header":["Location","{}"]}}])", url));
  }
  std::string refusal(const std::string& url, const std::vector<std::string>& hosts = {"127.0.0.1"}) {
    const auto refused = get(url, hosts);
    EXPECT_FALSE(refused) << url;
    return refused ? "" : std::format("{}: {}", to_string(refused.error().fault), refused.error().message);
  }

  ScriptedServer server;
};

TEST_F(PictureFetchTest, GetsBytes) {
  EXPECT_EQ(get(server.url_of(R"([{"send":"pic"},{"send":"ture"}])")).value().text(), "picture");
}

TEST_F(PictureFetchTest, AsksOnlyHostsOnTheList) {
  EXPECT_TRUE(refusal(server.url("/"), {}).starts_with("invalid: nothing is fetched from 127.0.0.1"));
  EXPECT_TRUE(
      refusal("http://evil.example/x.png", {"example", "*.good.example"}).starts_with("invalid: nothing is fetched"));
  EXPECT_TRUE(refusal("http://good.example/", {"*.good.example"}).starts_with("invalid: nothing is"));
  EXPECT_TRUE(refusal("http://evilgood.example/", {"*.good.example"}).starts_with("invalid: nothing is"));
  // These pass the list, and there is nobody at port 1 or of that name.
  EXPECT_TRUE(refusal("http://127.0.0.1:1/", {"*"}).starts_with("unavailable"));
  EXPECT_TRUE(refusal("http://a.good.invalid/", {"*.Good.invalid"}).starts_with("unavailable"));
  EXPECT_TRUE(refusal("file:///etc/passwd", {"*"}).starts_with("invalid"));
}

TEST_F(PictureFetchTest, FollowsRedirectsThroughTheList) {
  const std::string picture = server.url_of(R"([{"send":"picture"}])");
  const std::string once = redirect_to(picture), twice = redirect_to(once), thrice = redirect_to(twice);
  EXPECT_EQ(get(thrice).value().text(), "picture");
  EXPECT_TRUE(refusal(redirect_to(thrice)).contains("redirects more than 3 times"));
  EXPECT_TRUE(
      refusal(redirect_to("http://169.254.169.254/latest")).contains("nothing is fetched from 169.254.169.254"));
  EXPECT_TRUE(refusal(redirect_to("file:///etc/passwd")).starts_with("invalid"));
  EXPECT_TRUE(refusal(server.url_of(R"([{"status":302}])")).starts_with("invalid"));
}

TEST_F(PictureFetchTest, RefusesPrivateAddressesUnlessToldOtherwise) {
  ImageFetch fetch({.hosts = {"*"}});
  const auto refused = fetch.get(server.url("/"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::invalid);
  EXPECT_TRUE(refused.error().message.contains("127.0.0.1, is not one of the public internet"));
}

TEST_F(PictureFetchTest, TakesOnlyPicturesThatAreThereAndNotTooLarge) {
  EXPECT_TRUE(refusal(server.url_of(R"([{"status":404},{"send":"none"}])")).starts_with("invalid"));
  EXPECT_TRUE(refusal(server.url_of(R"([{"status":503}])")).starts_with("unavailable"));
  EXPECT_EQ(get(server.url_of(R"([{"fill":1000}])")).value().size(), 1000);
  EXPECT_TRUE(refusal(server.url_of(R"([{"fill":1001}])")).starts_with("too_large"));
}

TEST_F(PictureFetchTest, EndsInTime) {
  ImageFetch fetch({.hosts = {"*"}, .addresses = AddressRule::any, .total_ms = 50});
  EXPECT_EQ(fetch.get(server.url_of(R"([{"send":"half"},{"wait":"never"}])")).error().fault, Fault::timed_out);
}

}  // namespace
}  // namespace fovea
