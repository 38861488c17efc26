#include "workload/session_steps.h"

#include <gtest/gtest.h>

#include <format>
#include <map>
#include <set>
#include <tuple>

#include "workload/workload.h"

namespace fovea {
namespace {

Workload workload_of(const char* steps, std::uint32_t images = 100) {
  Workload workload{.name = "sessions", .requests = 4000, .images = images, .questions = 10, .zipf = 0.5};
  workload.sessions = {.count = 5, .length = 30, .steps = steps, .pages = 10};
  return workload;
}

// What each session asked for, one picture after another.
std::map<std::uint32_t, std::vector<std::uint32_t>> walks(const Workload& workload) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> walks;
  for (const AskedQuestion& asked : generate_questions(workload, 1)) walks[asked.session].push_back(asked.picture);
  return walks;
}

// The share of steps after which `follows(from, to)` holds.
template <typename Follows>
double share(const Workload& workload, Follows follows) {
  double steps = 0, right = 0;
  for (const auto& [session, pictures] : walks(workload)) {
    for (std::size_t i = 1; i < pictures.size(); ++i) {
      ++steps;
      if (follows(pictures[i - 1], pictures[i])) ++right;
    }
  }
  return right / steps;
}

TEST(SessionSteps, RequestsBelongToNoneWithoutAPlan) {
  Workload workload = workload_of("free");
  workload.sessions.count = 0;
  for (const AskedQuestion& asked : generate_questions(workload, 1)) ASSERT_EQ(asked.session, 0U);
}

TEST(SessionSteps, SessionsHaveAboutTheirLength) {
  const auto sessions = walks(workload_of("free"));
  EXPECT_NEAR(static_cast<double>(sessions.size()), 4000 / 30.0, 15);
  EXPECT_FALSE(sessions.contains(0));
  for (const auto& [session, pictures] : sessions) ASSERT_LE(pictures.size(), 45U);
}

TEST(SessionSteps, PagesAreReadInOrder) {
  Workload workload = workload_of("pages");
  const auto next_page = [](std::uint32_t from, std::uint32_t to) { return to == from + 1 || to % 10 == 0; };
  EXPECT_EQ(share(workload, next_page), 1);
  workload.sessions.jump = 0.5;
  EXPECT_NEAR(share(workload, next_page), 0.6, 0.05);
  workload.sessions.jump = 0;
  workload.sessions.stay = 0.5;
  EXPECT_NEAR(share(workload, [](std::uint32_t from, std::uint32_t to) { return from == to; }), 0.5, 0.05);
}

TEST(SessionSteps, AnOrderMayLastForSomeReadingsOnly) {
  Workload workload = workload_of("pages");
  workload.sessions.order_readings = 2;
  const auto same_document = [](std::uint32_t from, std::uint32_t to) { return from / 10 == to / 10; };
  EXPECT_GT(share(workload, same_document), 0.85);
  EXPECT_LT(share(workload, [](std::uint32_t from, std::uint32_t to) { return to == from + 1; }), 0.5);
}

TEST(SessionSteps, EachSessionHasCamerasOfItsOwn) {
  const auto sessions = walks(workload_of("rounds"));
  ASSERT_EQ(sessions.size(), 5U);
  std::set<std::uint32_t> all;
  std::size_t sum = 0;
  for (const auto& [session, pictures] : sessions) {
    const std::set<std::uint32_t> own(pictures.begin(), pictures.end());
    EXPECT_EQ(own.size(), 20U);
    sum += own.size();
    all.insert(own.begin(), own.end());
  }
  EXPECT_EQ(all.size(), sum);
}

TEST(SessionSteps, ARoundGoesOnWhereASecondQuestionWasAsked) {
  Workload workload = workload_of("rounds");
  workload.sessions.stay = 0.5;
  EXPECT_EQ(walks(workload).size(), 5U);
  const auto stays = [](std::uint32_t from, std::uint32_t to) { return from == to; };
  const auto goes_on = [](std::uint32_t from, std::uint32_t to) {
    return from / 20 == to / 20 && to % 20 == (from + 1) % 20;
  };
  EXPECT_NEAR(share(workload, stays), 0.5, 0.05);
  EXPECT_EQ(share(workload, [&](auto from, auto to) { return stays(from, to) || goes_on(from, to); }), 1);
}

TEST(SessionSteps, CamerasShowNewPicturesAsOftenAsTheyShall) {
  Workload workload = workload_of("rounds");
  workload.round_change = 0.1;
  std::set<std::uint32_t> passing;
  for (const AskedQuestion& asked : generate_questions(workload, 1)) {
    if (asked.picture >= workload.images) passing.insert(asked.picture);
  }
  EXPECT_NEAR(static_cast<double>(passing.size()), 400, 60);
}

TEST(SessionSteps, FromAPicturePeopleGoOnToFewOthers) {
  std::map<std::uint32_t, std::set<std::uint32_t>> next;
  for (const auto& [session, pictures] : walks(workload_of("links"))) {
    for (std::size_t i = 1; i < pictures.size(); ++i) next[pictures[i - 1]].insert(pictures[i]);
  }
  for (const auto& [picture, others] : next) EXPECT_LE(others.size(), 4U) << picture;
}

TEST(SessionSteps, OnceIsANewPictureEachTime) {
  std::set<std::uint32_t> pictures;
  for (const AskedQuestion& asked : generate_questions(workload_of("once"), 1)) {
    EXPECT_TRUE(pictures.insert(asked.picture).second);
  }
}

TEST(SessionSteps, APlanThatIsNoneIsRefused) {
  const auto complaint = [](auto change) {
    Workload workload = workload_of("pages");
    change(workload.sessions);
    const char* text = complaint_about(workload);
    return std::string(text != nullptr ? text : "");
  };
  EXPECT_EQ(complaint([](SessionPlan&) {}), "");
  EXPECT_TRUE(complaint([](SessionPlan& plan) { plan.steps = "sideways"; }).contains("rounds"));
  EXPECT_TRUE(complaint([](SessionPlan& plan) { plan.pages = 101; }).contains("\"pages\""));
  EXPECT_TRUE(complaint([](SessionPlan& plan) { plan.pages = 0; }).contains("\"pages\""));
  EXPECT_TRUE(complaint([](SessionPlan& plan) { plan.jump = 1.5; }).contains("\"jump\""));
  EXPECT_TRUE(complaint([](SessionPlan& plan) { plan.length = 0; }).contains("\"length\""));
  EXPECT_TRUE(complaint([](SessionPlan& plan) { plan.count = 1'000'000; }).contains("\"count\""));
}

}  // namespace
}  // namespace fovea
