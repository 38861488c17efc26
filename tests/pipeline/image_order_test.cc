// Pictures come in front of their message's text only where that cannot change what the text speaks of.
#include "pipeline/image_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <format>
#include <random>

namespace fovea {
namespace {

using Parts = std::vector<PromptPart>;
using testing::HasSubstr;

constexpr ImageSlot one{0}, two{1};

Parts first(const Parts& parts) { return in_order({.role = "user", .parts = parts}, ImageOrder::first).parts; }

TEST(ImageOrder, APictureBehindTheQuestionComesInFront) {
  EXPECT_EQ(first({"What is this?", one}), (Parts{one, "What is this?"}));
}

TEST(ImageOrder, AToolsResultStaysAsItIs) {
  const Message result{.role = "tool", .parts = {"The page:", one}, .tool_call_id = "id"};
  EXPECT_EQ(in_order(result, ImageOrder::first).parts, result.parts);
  EXPECT_EQ(in_order(result, ImageOrder::first).tool_call_id, "id");
}

TEST(ImageOrder, PicturesAndTextsKeepTheirOrderAmongThemselves) {
  EXPECT_EQ(first({"Look.", "Which is older?", two, one}), (Parts{two, one, "Look.", "Which is older?"}));
  EXPECT_EQ(first({"Twice.", one, one}), (Parts{one, one, "Twice."}));
}

TEST(ImageOrder, TextBehindAPictureKeepsEverythingInPlace) {
  const std::vector<Parts> as_they_are = {
      {one, "What is this?"},
      {"Look:", one, "What is this?"},
      {"This:", one, "and this:", two},
      {"This:", one, "and this:", two, "are equal?"},
      {one, "and", two},
  };
  for (const Parts& parts : as_they_are) EXPECT_EQ(first(parts), parts);
}

TEST(ImageOrder, NothingToMoveIsLeftAlone) {
  for (const Parts& parts : {Parts{}, Parts{"Hello"}, Parts{one}, Parts{one, two}, Parts{"Hello", "you", ""}}) {
    EXPECT_EQ(first(parts), parts);
  }
}

TEST(ImageOrder, WhiteSpaceSaysNothingAndIsKept) {
  EXPECT_EQ(first({"What is this?", one, "\n"}), (Parts{one, "\n", "What is this?"}));
  EXPECT_EQ(first({"Compare", one, " \t\r\n", two, ""}), (Parts{one, " \t\r\n", two, "", "Compare"}));
  EXPECT_EQ(first({"\n", "Compare", " ", one}), (Parts{one, "\n", "Compare", " "}));
  EXPECT_EQ(first({"\n", one, "Compare"}), (Parts{"\n", one, "Compare"}));
  EXPECT_EQ(first({"\n", one}), (Parts{"\n", one})) << "no text, so no question";
}

TEST(ImageOrder, AnOddSpaceIsText) {
  const Parts parts = {"What is this?", one, "\u00a0"};
  EXPECT_EQ(first(parts), parts);
}

TEST(ImageOrder, AsSentChangesNothing) {
  const Message message{.role = "user", .parts = {"What is this?", one}};
  EXPECT_EQ(in_order(message, ImageOrder::as_sent).parts, message.parts);
}

TEST(ImageOrder, TheRoleStays) {
  EXPECT_EQ(in_order({.role = "tool", .parts = {"A plot:", one}}, ImageOrder::first).role, "tool");
}

bool is_picture(const PromptPart& part) { return std::holds_alternative<ImageSlot>(part); }

bool is_before(const PromptPart& left, const PromptPart& right) {
  if (is_picture(left) && is_picture(right)) return std::get<ImageSlot>(left).index < std::get<ImageSlot>(right).index;
  if (is_picture(left) != is_picture(right)) return is_picture(left);
  return std::get<std::string>(left) < std::get<std::string>(right);
}

Parts sorted(Parts parts) {
  std::ranges::sort(parts, is_before);
  return parts;
}

TEST(ImageOrder, LosesNothingAndNeedsNoSecondTime) {
  std::mt19937 chance(1);
  for (int round = 0; round < 2000; ++round) {
    Parts parts;
    for (std::size_t i = 0, count = chance() % 7; i < count; ++i) {
      const auto kind = chance() % 3;
      if (kind == 0) parts.emplace_back(ImageSlot{i});
      if (kind == 1) parts.emplace_back(std::format("text {}", i));
      if (kind == 2) parts.emplace_back(std::string(i, ' '));
    }
    const Parts ordered = first(parts);
    EXPECT_EQ(sorted(ordered), sorted(parts)) << "round " << round;
    EXPECT_EQ(first(ordered), ordered) << "round " << round;
    EXPECT_TRUE(ordered == parts || is_picture(ordered.front())) << "round " << round;
  }
}

TEST(ImageOrder, NamesLeadBack) {
  for (const ImageOrder order : {ImageOrder::as_sent, ImageOrder::first}) {
    EXPECT_EQ(image_order_of(to_string(order)).value(), order);
  }
  EXPECT_EQ(image_order_of("as-sent").value(), ImageOrder::as_sent);
  EXPECT_EQ(image_order_of("first").value(), ImageOrder::first);
}

TEST(ImageOrder, AnUnknownNameIsToldTheChoices) {
  const auto unknown = image_order_of("last");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().fault, Fault::invalid);
  EXPECT_THAT(unknown.error().message, HasSubstr("\"last\""));
  EXPECT_THAT(unknown.error().message, HasSubstr("as-sent, first"));
  EXPECT_FALSE(image_order_of(""));
}

}  // namespace
}  // namespace fovea
