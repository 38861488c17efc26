#include "app/flags/audit_flags.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::app {
namespace {

std::string refused(const AuditFlags& flags) {
  const auto settings = audit_settings(flags);
  return settings ? "" : settings.error().message;
}

TEST(AuditFlags, DefaultsAreABundledMachineAndItsLargestModel) {
  const auto settings = audit_settings({});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->profile_name, "l4");
  for (const ModelTimes& model : settings->profile.models)
    EXPECT_LE(model.parameters, settings->profile.models.front().parameters);
  EXPECT_EQ(settings->policy, default_policy);
  EXPECT_TRUE(settings->memory_bytes.empty());
  EXPECT_FALSE(settings->prices.per_hour || settings->prices.per_million_prompt_tokens);
}

TEST(AuditFlags, AModelIsChosenByItsName) {
  const auto settings = audit_settings({.profile = "t4", .model = "smolvlm-256m"});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->profile.models.front().name, "smolvlm-256m");
  EXPECT_EQ(settings->profile.models.size(), 2u);
  const std::string message = refused({.model = "gpt"});
  EXPECT_TRUE(message.starts_with("--model: ") && message.contains("smolvlm-256m")) << message;
}

TEST(AuditFlags, SizesAndPrices) {
  const auto settings = audit_settings(
      {.cache = {"1GiB", "64MiB"}, .disk = {"1TiB"}, .price_tokens = "2.5,10", .price_hour = 0, .currency = "EUR"});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->memory_bytes, (std::vector<std::uint64_t>{1 << 30, 64 << 20}));
  EXPECT_EQ(settings->disk_bytes, (std::vector<std::uint64_t>{std::uint64_t{1} << 40}));
  EXPECT_EQ(settings->prices.per_hour, 0);
  EXPECT_EQ(settings->prices.per_million_prompt_tokens, 2.5);
  EXPECT_EQ(settings->prices.per_million_answer_tokens, 10);
  EXPECT_EQ(settings->prices.currency, "EUR");
  const auto one = audit_settings({.price_tokens = "3"});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->prices.per_million_answer_tokens, 3);
}

TEST(AuditFlags, PricesOfATableSayWhereTheyAreFrom) {
  const auto settings = audit_settings({.price_tokens = "gpt-4o-mini", .price_hour = 2});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_GT(settings->prices.per_million_answer_tokens, settings->prices.per_million_prompt_tokens);
  EXPECT_FALSE(settings->prices.source.empty());
  EXPECT_EQ(settings->prices.per_hour, 2);
}

TEST(AuditFlags, WhatIsWrongIsNamed) {
  EXPECT_TRUE(refused({.profile = "nosuch"}).starts_with("--profile: no profile 'nosuch': there are "));
  EXPECT_TRUE(refused({.profile = "./nosuch.json"}).starts_with("--profile: "));
  EXPECT_TRUE(refused({.policy = "nosuch"}).starts_with("--policy: "));
  EXPECT_TRUE(refused({.cache = {"big"}}).starts_with("--cache: 'big'"));
  EXPECT_TRUE(refused({.disk = {"0"}}).starts_with("--disk: "));
  EXPECT_TRUE(refused({.cache = std::vector<std::string>(13, "1GiB")}).starts_with("--cache: more than 12"));
  for (const char* price : {"x", "1,", ",1", "1,2,3", "-1", "1e9", "nan"})
    EXPECT_TRUE(refused({.price_tokens = price}).starts_with("--price-tokens ")) << price;
}

TEST(AuditFlags, HowLogsAreRead) {
  const auto plain = log_options({});
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->format);
  EXPECT_TRUE(plain->decode);
  const auto told = log_options({.format = "har", .no_decode = true});
  ASSERT_TRUE(told);
  EXPECT_EQ(told->format, LogFormat::har);
  EXPECT_FALSE(told->decode);
  EXPECT_FALSE(log_options({.pictures = "/no/such/folder"}));
  EXPECT_TRUE(log_options({.format = "nosuch"}).error().message.starts_with("--format nosuch: there are auto, "));
}

}  // namespace
}  // namespace fovea::app
