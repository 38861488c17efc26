#include "serve/wire/cache_control.h"

#include <gtest/gtest.h>

#include <format>
#include <string>

namespace fovea::serve {
namespace {

// "read write age<=N", as far as it is allowed.
std::string use(std::string_view header) {
  const CacheUse use = cache_use_of(header);
  return std::format("{}{}{}{}", use.only_stored ? "only stored " : "", use.read ? "read " : "",
                     use.write ? "write " : "", use.age_max_s ? std::format("age<={}", *use.age_max_s) : "");
}

TEST(CacheControl, AllowsEverythingWhereNothingIsSaid) {
  for (const char* header : {"", " ", ",", ", ,\t,", "max-stale=5", "no-transform", "brand-new=\"x\""})
    EXPECT_EQ(use(header), "read write ") << header;
}

TEST(CacheControl, KnowsItsFourDirectives) {
  EXPECT_EQ(use("no-cache"), "write ");
  EXPECT_EQ(use("no-store"), "read ");
  EXPECT_EQ(use("no-cache, no-store"), "");
  EXPECT_EQ(use("max-age=60"), "read write age<=60");
  EXPECT_EQ(use("max-age=0"), "read write age<=0");
  EXPECT_EQ(use("max-age=60, no-store"), "read age<=60");
  EXPECT_EQ(use("only-if-cached, max-age=60"), "only stored read write age<=60");
}

// RFC 9111, 5.2.1.7.
TEST(CacheControl, WhatIsNotStoredIsAGatewayTimeoutForWhoWantsNothingElse) {
  const Error not_stored{Fault::not_found, "no stored answer", {}};
  const Refusal refusal = refusal_of(not_stored, {.only_stored = true});
  EXPECT_EQ(refusal.status, 504);
  EXPECT_EQ(refusal.code, "not_stored");
  EXPECT_EQ(refusal.message, "no stored answer");
  EXPECT_EQ(refusal_of(not_stored, {}).status, 404);
  EXPECT_EQ(refusal_of({Fault::invalid, "no", {}}, {.only_stored = true}).status, 400);
}

TEST(CacheControl, TakesOddSpacingAndCase) {
  EXPECT_EQ(use("\t No-Cache ,,NO-STORE\t"), "");
  EXPECT_EQ(use("MAX-AGE=5"), "read write age<=5");
  EXPECT_EQ(use("max-age = 5"), "read write age<=5");
  EXPECT_EQ(use("max-age=\"5\""), "read write age<=5");
}

TEST(CacheControl, IgnoresAgesThatCannotBeRead) {
  for (const char* header : {"max-age", "max-age=", "max-age=\"\"", "max-age=\"", "max-age=-1", "max-age=soon",
                             "max-age=1.5", "max-age=5s", "max-age=99999999999999999999"})
    EXPECT_EQ(use(header), "read write ") << header;
}

TEST(CacheControl, IsNotTakenInByNamesThatLookAlike) {
  for (const char* header : {"no-cachet", "xno-store", "no store", "s-max-age=5", "no-"})
    EXPECT_EQ(use(header), "read write ") << header;
}

}  // namespace
}  // namespace fovea::serve
