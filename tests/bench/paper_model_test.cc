// The paper's equations, with its own values and with simple ones.
#include "bench/paper_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace fovea {
namespace {

// Rounded as the paper prints.
double whole_ms(double ms) { return std::round(ms); }
double speedup(double ms) { return std::round(10 * paper_baseline_ms / ms) / 10; }

constexpr PaperTerms easy{
    .hit_ms = 10, .generate_ms = 100, .full_ms = 1000, .embedding_hits = 0.75, .response_hits = 0.5};

TEST(Paper, EquationOneOfThePapersValuesIsNotWhatThePaperPrints) {
  EXPECT_EQ(whole_ms(two_level_ms(paper_terms)), 527);
  EXPECT_EQ(speedup(two_level_ms(paper_terms)), 5.2);
  EXPECT_EQ(speedup(paper_two_level_printed_ms), paper_two_level_printed_speedup);
}

TEST(Paper, WhatThePaperPrintsNeedsGenerationToBeAlmostFree) {
  PaperTerms terms = paper_terms;
  terms.generate_ms = 0;
  EXPECT_LT(two_level_ms(terms), paper_two_level_printed_ms);
  terms.generate_ms = 20;  // instead of 400
  EXPECT_GT(two_level_ms(terms), paper_two_level_printed_ms);
}

TEST(Paper, EquationTwoOfThePapersValuesIsWhatThePaperPrints) {
  const double ms = response_level_ms(paper_terms);
  EXPECT_EQ(whole_ms(ms), 1290);
  EXPECT_NEAR(ms, paper_response_level_ms, 1.1);
  EXPECT_EQ(std::round(100 * paper_baseline_ms / ms) / 100, paper_response_level_speedup);
}

TEST(Paper, JointFormOfThePapersValues) {
  EXPECT_EQ(whole_ms(joint_two_level_ms(paper_terms)), 499);
  EXPECT_EQ(speedup(joint_two_level_ms(paper_terms)), 5.5);
}

TEST(Paper, CeilingOfThePapersValues) { EXPECT_EQ(std::round(10 * ceiling_speedup(paper_terms)) / 10, 7.5); }

TEST(Paper, EachTermCounts) {
  EXPECT_DOUBLE_EQ(two_level_ms(easy), 0.75 * (5 + 50) + 250);
  EXPECT_DOUBLE_EQ(response_level_ms(easy), 5 + 500);
  EXPECT_DOUBLE_EQ(joint_two_level_ms(easy), 5 + 25 + 250);
  EXPECT_DOUBLE_EQ(ceiling_speedup(easy), 4);
}

TEST(Paper, WithoutHitsAllIsComputed) {
  const PaperTerms none{.hit_ms = 10, .generate_ms = 100, .full_ms = 1000};
  for (const double ms : {two_level_ms(none), response_level_ms(none), joint_two_level_ms(none)}) EXPECT_EQ(ms, 1000);
  EXPECT_EQ(ceiling_speedup(none), 1);
}

TEST(Paper, WithAllHitsNothingIsComputed) {
  PaperTerms all = easy;
  all.embedding_hits = all.response_hits = 1;
  for (const double ms : {two_level_ms(all), response_level_ms(all), joint_two_level_ms(all)}) EXPECT_EQ(ms, 10);
}

// Stored answers imply stored embeddings, so among requests with stored embeddings more than h_o find an
// answer.
TEST(Paper, JointFormIsNeverSlower) {
  PaperTerms terms = easy;
  for (int i = 0; i <= 8; ++i) {
    terms.response_hits = terms.embedding_hits * i / 8;
    EXPECT_LE(joint_two_level_ms(terms), two_level_ms(terms) + 1e-9) << i;
  }
}

TEST(PaperDeathTest, TermsThatMeanNothing) {
  PaperTerms terms = easy;
  terms.response_hits = 0.8;
  EXPECT_DEATH(joint_two_level_ms(terms), "implies a stored embedding");
  terms.response_hits = 1.1;
  EXPECT_DEATH(two_level_ms(terms), "hit rates");
  EXPECT_DEATH(response_level_ms(terms), "hit rates");
  terms.response_hits = std::numeric_limits<double>::quiet_NaN();
  EXPECT_DEATH(joint_two_level_ms(terms), "hit rates");
  terms = easy;
  terms.embedding_hits = 1;
  EXPECT_DEATH(ceiling_speedup(terms), "cold run");
}

}  // namespace
}  // namespace fovea
