#include "bench/url_target.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(UrlTarget, LevelsOfACacheStatus) {
  const auto levels = levels_in(
      "Edge; hit, fovea-response; fwd=miss; stored, fovea-prefix; fwd=bypass; detail=\"off, here\", fovea-embedding; "
      "hit");
  EXPECT_EQ(levels,
            (std::map<std::string, std::string>{{"response", "miss"}, {"prefix", "bypass"}, {"embedding", "hit"}}));
  EXPECT_TRUE(levels_in("").empty());
  EXPECT_TRUE(levels_in(";;,,=").empty());
}

TEST(UrlTarget, StagesOfAServerTiming) {
  EXPECT_EQ(stages_in("decode;dur=0.5, lookup;desc=\"x\";dur=1, generate"),
            (std::map<std::string, double>{{"decode", 0.5}, {"lookup", 1}}));
  EXPECT_TRUE(stages_in("a;dur=x, b;dur=inf, c;dur=nan, d;dur=-1, e;dur=1e300").empty());
}

TEST(UrlTarget, AnAddressThatIsNoneIsRefused) { EXPECT_FALSE(UrlTarget::open("x", {.url = "no url"})); }

}  // namespace
}  // namespace fovea
