#include "app/cache/findings_text.h"

#include <gtest/gtest.h>

#include <glaze/glaze.hpp>
#include <vector>

namespace fovea::app {
namespace {

const std::vector<Finding> mixed = {
    {Grade::ok, "all well here", ""}, {Grade::warning, "slow", "move it"}, {Grade::wrong, "broken", "mend it"}};

TEST(FindingsTextTest, EachFindingIsALineAndItsAdviceBelow) {
  EXPECT_EQ(findings_text("the place", mixed),
            "the place\n"
            "  ok       all well here\n"
            "  warning  slow\n"
            "           move it\n"
            "  wrong    broken\n"
            "           mend it\n"
            "1 wrong, 1 warning\n");
  EXPECT_TRUE(findings_text("p", std::span(mixed).first(1)).ends_with("all is well\n"));
  EXPECT_TRUE(findings_text("p", std::span(mixed).first(2)).ends_with("nothing wrong, 1 warning\n"));
}

TEST(FindingsTextTest, JsonHasTheSame) {
  glz::generic json;
  const std::string text = findings_json("the place", mixed);
  ASSERT_FALSE(glz::read_json(json, text)) << text;
  EXPECT_EQ(json["findings"][1]["grade"].get<std::string>(), "warning");
  EXPECT_EQ(json["findings"][2]["advice"].get<std::string>(), "mend it");
  EXPECT_EQ(json["wrong"].get<double>(), 1);
}

}  // namespace
}  // namespace fovea::app
