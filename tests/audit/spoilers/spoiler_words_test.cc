#include "audit/spoilers/spoiler_words.h"

#include <gtest/gtest.h>

#include <set>

namespace fovea {
namespace {

TEST(SpoilerWords, EveryKindHasANameASentenceAndAFix) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < spoiler_kinds; ++i) {
    const auto kind = static_cast<SpoilerKind>(i);
    names.insert(to_string(kind));
    EXPECT_TRUE(what_of(kind).ends_with(".")) << what_of(kind);
    EXPECT_TRUE(fix_of(kind).ends_with(".")) << fix_of(kind);
  }
  EXPECT_EQ(names.size(), spoiler_kinds);
}

TEST(SpoilerWords, WhatOnlyLooksSoIsLikely) {
  EXPECT_TRUE(is_sure(SpoilerKind::changing_time));
  EXPECT_FALSE(is_sure(SpoilerKind::resized_picture));
}

TEST(SpoilerWords, PlacesAreSaidAsPeopleCount) {
  EXPECT_EQ(where_of(PartRole::system, 0), "system prompt");
  EXPECT_EQ(where_of(PartRole::user, 2), "message 3, of the user");
  EXPECT_EQ(where_of(PartRole::user, -1), "");
}

}  // namespace
}  // namespace fovea
