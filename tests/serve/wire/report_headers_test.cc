#include "serve/wire/report_headers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace fovea::serve {
namespace {

// The header of this name; "absent" where there is none.
std::string header(const RequestReport& report, std::string_view name) {
  for (const auto& [other, value] : report_headers(report, 0.25)) {
    if (other == name) return value;
  }
  return "absent";
}

TEST(CacheStatus, OfAStoredAnswerIsOneHit) {
  EXPECT_EQ(cache_status({.response = Outcome::hit}), "fovea-response; hit");
}

TEST(CacheStatus, HasAMemberForEachLevelTheNearestFirst) {
  EXPECT_EQ(cache_status({.response = Outcome::miss, .prefix = Outcome::miss, .embedding = Outcome::miss}),
            "fovea-response; fwd=miss, fovea-prefix; fwd=miss, fovea-embedding; fwd=miss");
  EXPECT_EQ(
      cache_status(
          {.response = Outcome::miss, .response_stored = true, .prefix = Outcome::hit, .embedding = Outcome::hit}),
      "fovea-response; fwd=miss; stored, fovea-prefix; hit, fovea-embedding; hit");
}

TEST(CacheStatus, SaysPartialWhereSomeWasFound) {
  EXPECT_EQ(cache_status({.response = Outcome::miss,
                          .prefix = Outcome::miss,
                          .cached_tokens = 7,
                          .embedding = Outcome::miss,
                          .images = {{.tiles = 4, .tiles_hit = 1}}}),
            "fovea-response; fwd=miss, fovea-prefix; fwd=partial, fovea-embedding; fwd=partial");
  const RequestReport one_held{.response = Outcome::miss,
                               .prefix = Outcome::miss,
                               .embedding = Outcome::miss,
                               .images = {{.tiles = 4}, {.in_prefix = true}}};
  EXPECT_TRUE(cache_status(one_held).ends_with("fovea-embedding; fwd=partial"));
}

// In front of everything else, so that nobody takes what follows for exact.
TEST(CacheStatus, TellsOfNearFramesWhereTheyAreOn) {
  const auto status = [](const FramesReport& frames) {
    return cache_status({.response = Outcome::hit, .frames = frames});
  };
  EXPECT_EQ(status({.outcome = Outcome::hit, .tiles = 2, .tiles_near = 2}),
            "fovea-frames; hit; approximate, fovea-response; hit");
  EXPECT_EQ(status({.outcome = Outcome::miss, .tiles = 2, .tiles_near = 1}),
            "fovea-frames; fwd=partial; approximate, fovea-response; hit");
  EXPECT_EQ(status({.outcome = Outcome::miss, .tiles = 2}), "fovea-frames; fwd=miss, fovea-response; hit");
  // In the order of FrameTile: one near, one equal, then the reasons. What most were is told.
  EXPECT_EQ(status({.outcome = Outcome::miss, .tiles = 3, .tiles_by = {0, 0, 0, 1, 2}}),
            "fovea-frames; fwd=miss; detail=learning, fovea-response; hit");
  EXPECT_EQ(status({.outcome = Outcome::miss, .tiles = 9, .tiles_near = 5, .tiles_by = {5, 1, 0, 0, 0, 3}}),
            "fovea-frames; fwd=partial; approximate; detail=too_noisy, fovea-response; hit");
  EXPECT_EQ(status({.outcome = Outcome::miss, .tiles = 5, .tiles_near = 1, .tiles_by = {1, 3, 0, 0, 0, 0, 1}}),
            "fovea-frames; fwd=partial; approximate; detail=changed, fovea-response; hit")
      << "those that were not encoded are no reason";
  EXPECT_EQ(status({.outcome = Outcome::miss, .tiles = 3, .tiles_by = {0, 2, 1}}),
            "fovea-frames; fwd=miss; detail=same, fovea-response; hit");
  EXPECT_EQ(status({.bypass = Bypass::known_frame}),
            "fovea-frames; fwd=bypass; detail=\"the frame is known exactly\", fovea-response; hit");
  EXPECT_EQ(status({.bypass = Bypass::no_read}),
            "fovea-frames; fwd=request; detail=\"the request asked not to read the cache\", fovea-response; hit");
}

TEST(CacheStatus, SaysWhyALevelWasBypassed) {
  EXPECT_EQ(
      cache_status(
          {.response_bypass = Bypass::no_read, .prefix_bypass = Bypass::off, .embedding_bypass = Bypass::no_images}),
      "fovea-response; fwd=request; detail=\"the request asked not to read the cache\", "
      "fovea-prefix; fwd=bypass; detail=\"the prefix cache is off\", "
      "fovea-embedding; fwd=bypass; detail=\"the request has no images\"");
}

TEST(CacheStatus, SaysThatAnAnswerWasStoredThatWasNotLookedFor) {
  EXPECT_TRUE(
      cache_status({.response_bypass = Bypass::no_read, .response_stored = true})
          .starts_with("fovea-response; fwd=request; detail=\"the request asked not to read the cache\"; stored, "));
}

// RFC 8941, 3.3.3: printable ASCII, and nothing in it that would have to be escaped.
TEST(CacheStatus, ReasonsAreStringsOfAStructuredField) {
  for (int why = static_cast<int>(Bypass::off); why <= static_cast<int>(Bypass::prefix_hit); ++why) {
    const std::string status = cache_status({.response_bypass = static_cast<Bypass>(why)});
    const std::string response = status.substr(0, status.find(", fovea-prefix"));
    EXPECT_EQ(std::ranges::count(response, '"'), 2) << response;
    EXPECT_EQ(std::ranges::count(response, '\\'), 0) << response;
    EXPECT_TRUE(std::ranges::all_of(response, [](char c) { return c >= ' ' && c <= '~'; })) << response;
    EXPECT_TRUE(response.ends_with('"') && !response.ends_with("\"\"")) << response << ": has a sentence";
  }
}

TEST(ServerTiming, LeavesOutWhatDidNotHappen) {
  EXPECT_EQ(server_timing({}), "");
  EXPECT_EQ(server_timing({.decode_ms = 1.25, .encode_ms = 2731, .total_ms = 2733.4}),
            "decode;dur=1.250, encode;dur=2731.000, total;dur=2733.400");
}

TEST(ReportHeaders, CallPicturesByTheirKeys) {
  EXPECT_EQ(header({}, "Fovea-Image-Keys"), "absent");
  const Key first = KeyBuilder("test").field("1").finish(), second = KeyBuilder("test").field("2").finish();
  EXPECT_EQ(header({.images = {{.image_key = first}, {.image_key = second}}}, "Fovea-Image-Keys"),
            first.hex() + ", " + second.hex());
}

TEST(ReportHeaders, TellTheAgeOfStoredAnswersInWholeSeconds) {
  EXPECT_EQ(header({.response = Outcome::miss}, "Age"), "absent");
  EXPECT_EQ(header({.response = Outcome::hit, .response_age_s = 0.2}, "Age"), "0");
  EXPECT_EQ(header({.response = Outcome::hit, .response_age_s = 59.9}, "Age"), "60");
}

TEST(ReportHeaders, SayWhereTheAnswerCameFromAndWhatItTook) {
  const RequestReport report{.response = Outcome::hit, .times = {.lookup_ms = 0.5, .total_ms = 0.75}};
  EXPECT_EQ(header(report, "Cache-Status"), "fovea-response; hit");
  EXPECT_EQ(header(report, "Server-Timing"), "read;dur=0.250, lookup;dur=0.500, total;dur=0.750");
}

}  // namespace
}  // namespace fovea::serve
