#include "serve/wire/valid_text.h"

#include <gtest/gtest.h>

namespace fovea::serve {
namespace {

TEST(ValidText, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(valid_text("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(valid_text("caf\xC3"), "caf\xEF\xBF\xBD");
  EXPECT_EQ(valid_text("\xFF.png"), "\xEF\xBF\xBD.png");
  EXPECT_EQ(valid_text(""), "");
}

}  // namespace
}  // namespace fovea::serve
