#include "base/percent.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(PercentDecoded, UndoesEachEscapeOnce) {
  EXPECT_EQ(percent_decoded("").text, "");
  EXPECT_EQ(percent_decoded("a%2Fb%2fc%41%7e").text, "a/b/cA~");
  EXPECT_EQ(percent_decoded("%00%ff").text, std::string_view("\0\xff", 2));
  EXPECT_EQ(percent_decoded("%252e").text, "%2e") << "what is encoded twice is still encoded once";
  EXPECT_EQ(percent_decoded("a+b").text, "a+b") << "a plus is a space in forms only";
  EXPECT_FALSE(percent_decoded("a%20b").broken);
}

TEST(PercentDecoded, KeepsAndTellsWhatIsNoEscape) {
  for (const char* text : {"%", "%4", "a%", "a%4", "%%", "%g1", "%1g", "%+1", "%-1", "% 1", "%0x"}) {
    EXPECT_EQ(percent_decoded(text).text, text);
    EXPECT_TRUE(percent_decoded(text).broken) << text;
  }
  EXPECT_EQ(percent_decoded("%%41%4").text, "%A%4");
}

}  // namespace
}  // namespace fovea
