#include "engine/upstream/passed_target.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

std::string passed(std::string_view target) {
  const auto result = passed_target(target);
  return result ? result->text : std::string(to_string(result.error().fault));
}

TEST(PassedTarget, KeepsAPathAsItIsWritten) {
  for (const char* target :
       {"/", "/v1/embeddings", "/v1/models/org%2Fname", "/slots?action=erase&x=../..", "/a/b/", "/a..b/..c/d.."})
    EXPECT_EQ(passed(target), target);
  EXPECT_EQ(passed_target("/v1/tea%20pot?a=b").value().path, "/v1/tea pot");
}

TEST(PassedTarget, RemovesStepsAndNeverLeavesItsPlace) {
  EXPECT_EQ(passed("/v1/x/../cache/reset"), "/v1/cache/reset");
  EXPECT_EQ(passed("/v1/../../../admin"), "/admin");
  EXPECT_EQ(passed("/v1/./a//b"), "/v1/a/b");
  EXPECT_EQ(passed("/v1/%2e%2E/admin"), "/admin");
  EXPECT_EQ(passed("/.."), "/");
  EXPECT_EQ(passed("/a/.."), "/");
  EXPECT_EQ(passed("/a#b"), "/a");
}

TEST(PassedTarget, RefusesStepsThatAreHidden) {
  for (const char* target :
       {"/v1/x%2f..%2fcache", "/v1/x%5c..%5ccache", "/v1/%252e%252e/admin", "/v1/a%252f..%252fb", "/v1/x\\..\\y",
        "/v1/%252525252e%252525252e/a", "/v1/a%00b", "v1/models", "", "http://host/v1"})
    EXPECT_EQ(passed(target), "invalid") << target;
}

// Decoding "%2525..." to its end would read all of it once for each level.
TEST(PassedTarget, RefusesWhatIsEncodedManyTimesOver) {
  const auto encoded = [](int times) {
    std::string path = "/v1/a%";
    for (int i = 0; i < times; ++i) path += "25";
    return path + "20b";
  };
  for (const int times : {0, 1, 3}) EXPECT_EQ(passed(encoded(times)), encoded(times));
  for (const int times : {10, 8'000}) {
    const auto refused = passed_target(encoded(times));
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().message.contains("many times over")) << refused.error().message;
  }
}

}  // namespace
}  // namespace fovea
