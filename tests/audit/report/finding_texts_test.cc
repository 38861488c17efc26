#include "audit/report/finding_texts.h"

#include <gtest/gtest.h>

#include "audit/report/example_findings.h"

namespace fovea {
namespace {

TEST(FindingTexts, TheAnswerComesFirst) {
  const auto sentences = answer_sentences(test::example_findings());
  ASSERT_EQ(sentences.size(), 5u);
  EXPECT_EQ(sentences[0], "40 % of the work in this log was done before.");
  EXPECT_EQ(sentences[1],
            "Storing it would have saved 4.00 h of the 10.0 h that llava-1.5-7b takes on NVIDIA L4 (2.00x as fast): "
            "USD 8.00 at the price of "
            "the machine's hours.");
  EXPECT_EQ(sentences[2], "4.00 GiB of memory get 92 % of that: 3.70 h: USD 7.40 at the price of the machine's hours.");
  EXPECT_EQ(sentences[3], "Of the prompts' tokens, the server that answered had 25 % in its own cache already.");
  EXPECT_EQ(sentences[4], "One change would let 10 % more of the work be found: Put it behind the picture.");
}

TEST(FindingTexts, WhereNoMemoryIsEnoughItSaysSo) {
  AuditFindings findings = test::example_findings();
  findings.savings.sizes.resize(1);
  EXPECT_EQ(enough_memory(findings.savings), nullptr);
  EXPECT_EQ(answer_sentences(findings)[2],
            "1.00 GiB of memory, the largest that was tried, get 50 % of that; more would get more.");
}

TEST(FindingTexts, WhereNothingCameAgainItSaysSo) {
  AuditFindings findings = test::example_findings();
  for (SavingsRow& row : findings.savings.levels) row.saved_ms = 0;
  const auto sentences = answer_sentences(findings);
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_EQ(sentences[0], "Nothing of the work was done before: all 1,197 requests came for the first time.");
  EXPECT_EQ(answer_sentences({}).size(), 1u);
  EXPECT_TRUE(answer_sentences({})[0].starts_with("There is nothing to say"));
}

TEST(FindingTexts, BothPrices) {
  AuditFindings findings = test::example_findings();
  findings.savings.levels.back().token_money = 1234.5;
  findings.savings.prices.currency = "EUR";
  EXPECT_TRUE(answer_sentences(findings)[1].ends_with(
      ": EUR 8.00 at the price of the machine's hours, and EUR 1,235 at the price of tokens."))
      << answer_sentences(findings)[1];
}

TEST(FindingTexts, WhatTheNumbersRestOnIsSaid) {
  AuditFindings findings = test::example_findings();
  findings.traffic.with_usage = 1197;
  EXPECT_TRUE(basis_sentences(findings).empty());
  findings.traffic.with_usage = 1000;
  findings.traffic.prompts_cut = 1;
  findings.savings.complete = false;
  findings.savings.logged_mean_ms = 1500;
  const auto some = basis_sentences(findings);
  ASSERT_EQ(some.size(), 5u);
  EXPECT_TRUE(some[0].starts_with("The log tells the tokens of 1,000 of 1,197 requests;")) << some[0];
  EXPECT_TRUE(some[1].starts_with("An answer whose length the log does not tell")) << some[1];
  EXPECT_TRUE(some[2].starts_with("For lack of room, 1 prompt was followed in part only")) << some[2];
  EXPECT_TRUE(some[3].starts_with("Only the first 1,197 requests fitted")) << some[3];
  EXPECT_TRUE(some[4].contains("1.50 s") && some[4].contains("30.00 s")) << some[4];
  findings.traffic.with_usage = 0;
  EXPECT_TRUE(basis_sentences(findings)[0].contains("rule of thumb"));
  EXPECT_TRUE(basis_sentences({}).empty());
}

TEST(FindingTexts, TrafficIsASentence) {
  EXPECT_EQ(traffic_sentence(test::example_findings().traffic),
            "1,200 requests of 2 clients in 7.00 days: 1,000 with 1,100 pictures, 2.00 M tokens of prompts (1.50 M of "
            "pictures), 50.0 k of answers; 3 failed and are left out.");
}

// A log is anybody's: what it says must not move a terminal's cursor or fill the screen.
TEST(FindingTexts, NamesAreShownOnOneLine) {
  EXPECT_EQ(shown_name(""), "(not told)");
  EXPECT_EQ(shown_name("web\x1b[2J\n\x7f!"), "web [2J  !");
  EXPECT_EQ(shown_name(std::string(100, 'x')), std::string(60, 'x') + "...");
  std::string umlauts;
  for (int i = 0; i < 40; ++i) umlauts += "ä";
  EXPECT_EQ(shown_name(umlauts), umlauts.substr(0, 60) + "...") << "no character is cut in two";
  EXPECT_EQ(shown_name("x" + umlauts), ("x" + umlauts).substr(0, 61) + "...");
}

TEST(FindingTexts, AmountsForPeople) {
  EXPECT_EQ(span_text(0), "0 s");
  EXPECT_EQ(span_text(0.01), "under 1 ms");
  EXPECT_EQ(span_text(7.3), "7.30 ms");
  EXPECT_EQ(span_text(820), "0.820 s");
  EXPECT_EQ(span_text(270'000), "4.50 min");
  EXPECT_EQ(span_text(44'280'000), "12.3 h");
  EXPECT_EQ(money_text(0.0421, "USD"), "USD 0.0421");
  EXPECT_EQ(money_text(12'345, "USD"), "USD 12,345");
  EXPECT_EQ(tokens_text(812), "812");
  EXPECT_EQ(tokens_text(93'100), "93.1 k");
  EXPECT_EQ(tokens_text(6.74e6), "6.74 M");
  EXPECT_EQ(tokens_text(1.2e9), "1.20 G");
}

TEST(FindingTexts, ASpoilerHasItsPlaceAndItsCost) {
  const AuditFindings findings = test::example_findings();
  EXPECT_EQ(spoiler_place(findings.spoilers[0]), "client web, /v1/chat/completions, system prompt");
  EXPECT_EQ(spoiler_cost(findings.spoilers[0]), "800 requests (the first is number 17), 400 k tokens, 1.00 h");
  EXPECT_EQ(spoiler_place(findings.spoilers[1]), "all requests");
}

}  // namespace
}  // namespace fovea
