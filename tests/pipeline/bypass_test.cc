#include "pipeline/bypass.h"

#include <gtest/gtest.h>

#include <set>

namespace fovea {
namespace {

constexpr std::uint8_t last = static_cast<std::uint8_t>(Bypass::prefix_hit);

TEST(Bypass, EveryReasonHasASentenceOfItsOwn) {
  EXPECT_EQ(describe(Bypass::none, CacheLevel::prefix), "");
  std::set<std::string> sentences;
  for (std::uint8_t why = 1; why <= last; ++why)
    sentences.insert(describe(static_cast<Bypass>(why), CacheLevel::response));
  EXPECT_EQ(sentences.size(), last);
  EXPECT_FALSE(sentences.contains("unknown"));
  EXPECT_EQ(describe(Bypass::off, CacheLevel::embedding), "the embedding cache is off");
  EXPECT_EQ(describe(Bypass::off, CacheLevel::prefix), "the prefix cache is off");
}

TEST(Bypass, OnlyWhatTheRequestSaysIsAskedFor) {
  for (const Bypass asked :
       {Bypass::no_cache, Bypass::no_read, Bypass::no_write, Bypass::no_cache_read, Bypass::only_stored})
    EXPECT_TRUE(is_asked_for(asked));
  for (const Bypass not_asked : {Bypass::off, Bypass::random, Bypass::image_by_address, Bypass::another_server,
                                 Bypass::no_camera, Bypass::known_frame, Bypass::busy})
    EXPECT_FALSE(is_asked_for(not_asked));
}

}  // namespace
}  // namespace fovea
