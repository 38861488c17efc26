#include "app/flags/bench_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace fovea::app {
namespace {

using testing::ElementsAre;

BenchFlags parsed(const std::string& words) {
  CLI::App bench;
  BenchFlags flags;
  add_bench_flags(bench, flags);
  bench.parse(words);
  return flags;
}

TEST(BenchFlags, WithoutFlagsThePapersLoadIsMeasured) {
  const BenchFlags flags = parsed("");
  EXPECT_THAT(flags.scenarios, ElementsAre("paper"));
  EXPECT_EQ(flags.seeds, "42,123,456");
  EXPECT_EQ(flags.clients, 1u);
  EXPECT_EQ(flags.passes, 2u);
  EXPECT_EQ(flags.baseline_every, 1u);
  EXPECT_FALSE(flags.no_run);
}

TEST(BenchFlags, EveryGroupReachesItsFields) {
  const BenchFlags flags = parsed(
      "chat support --seeds 7 --requests 10 --max-tokens 5 --size 64x32 --levels none,all "
      "--url a=http://localhost:1/v1 --url b=http://localhost:2/v1 --url-key-env KEY --url-model m "
      "--restart-command true --rate 2.5 --passes 1 --note abc --report out --json --price-per-gpu-hour 2 "
      "--price-per-1k-image-tokens 0.5 --watts 65 --threads 1 --policy lru");
  EXPECT_THAT(flags.scenarios, ElementsAre("chat", "support"));
  EXPECT_EQ(flags.seeds, "7");
  EXPECT_EQ(flags.requests, 10u);
  EXPECT_EQ(flags.max_tokens, 5);
  EXPECT_EQ(flags.size, "64x32");
  EXPECT_EQ(flags.levels, "none,all");
  EXPECT_THAT(flags.urls, ElementsAre("a=http://localhost:1/v1", "b=http://localhost:2/v1"));
  EXPECT_EQ(flags.url_key_env, "KEY");
  EXPECT_EQ(flags.url_model, "m");
  EXPECT_EQ(flags.restart_command, "true");
  EXPECT_EQ(flags.rate, 2.5);
  EXPECT_EQ(flags.passes, 1u);
  EXPECT_EQ(flags.note, "abc");
  EXPECT_EQ(flags.report, "out");
  EXPECT_TRUE(flags.json);
  EXPECT_EQ(flags.prices.per_gpu_hour, 2);
  EXPECT_EQ(flags.prices.per_1k_image_tokens, 0.5);
  EXPECT_EQ(flags.prices.watts, 65);
  EXPECT_EQ(flags.model.threads, 1);
  EXPECT_EQ(flags.cache.policy, "lru");
}

TEST(BenchFlags, WhatCannotBeMeasuredIsRefused) {
  for (const char* words : {"--clients 0", "--clients 257", "--passes 0", "--rate 0", "--watts -1", "--requests 0",
                            "--pictures /nowhere", "--questions /nowhere"})
    EXPECT_THROW(parsed(words), CLI::ValidationError) << words;
  EXPECT_THROW(parsed("--rate 1 --arrivals /dev/null"), CLI::ParseError) << "two open loads at once";
}

}  // namespace
}  // namespace fovea::app
