#include "serve/wire/fresh_id.h"

#include <gtest/gtest.h>

#include <set>

namespace fovea::serve {
namespace {

TEST(FreshId, IsItsPrefixAnd32Digits) {
  const std::string id = fresh_id("file-");
  EXPECT_TRUE(id.starts_with("file-"));
  EXPECT_EQ(id.size(), 5U + 32U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef", 5), std::string::npos) << id;
}

TEST(FreshId, IsNewEachTime) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(fresh_id(""));
  EXPECT_EQ(ids.size(), 1000U);
}

}  // namespace
}  // namespace fovea::serve
