#include "app/flags/cache_flags.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace fovea::app {
namespace {

TEST(CacheFlags, DefaultsAreABudgetForEachLevel) {
  const auto options = pipeline_options({});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->embedding_bytes_max, 10ull << 30);
  EXPECT_EQ(options->prefix_bytes_max, 4ull << 30);
  EXPECT_EQ(options->response_bytes_max, 1ull << 30);
  EXPECT_EQ(options->policy, default_policy);
  EXPECT_FALSE(options->shared_bytes_max);
}

TEST(CacheFlags, OneBudgetForAllLevels) {
  const auto options = pipeline_options({.cache_size = "512MiB", .policy = "lru"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->shared_bytes_max, 512ull << 20);
  EXPECT_EQ(options->policy, PolicyKind::lru);
}

TEST(CacheFlags, AWrongValueIsReportedWithItsFlag) {
  const std::pair<const char*, CacheFlags> cases[] = {{"--embedding-cache", {.embedding_cache = "much"}},
                                                      {"--prefix-cache", {.prefix_cache = "-1"}},
                                                      {"--response-cache", {.response_cache = "1XiB"}},
                                                      {"--cache-size", {.cache_size = "x"}},
                                                      {"--policy", {.policy = "fifo"}}};
  for (const auto& [flag, flags] : cases) {
    const auto options = pipeline_options(flags);
    ASSERT_FALSE(options) << flag;
    EXPECT_TRUE(options.error().message.starts_with(std::string(flag) + ": ")) << options.error().message;
  }
}

TEST(CacheFlags, OneBudgetExcludesTheThree) {
  for (const std::string level : {"--embedding-cache", "--prefix-cache", "--response-cache"}) {
    CLI::App verb;
    CacheFlags flags;
    add_cache_flags(verb, flags);
    EXPECT_THROW(verb.parse("--cache-size 1GiB " + level + " 1GiB"), CLI::ExcludesError) << level;
  }
}

TEST(CacheFlags, HelpNamesEveryPolicy) {
  CLI::App verb;
  CacheFlags flags;
  add_cache_flags(verb, flags);
  for (const PolicyKind kind : all_policies()) EXPECT_TRUE(verb.help().contains(to_string(kind))) << to_string(kind);
  EXPECT_TRUE(policy_choices("all").starts_with("{all,"));
}

}  // namespace
}  // namespace fovea::app
