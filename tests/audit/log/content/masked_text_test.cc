#include "audit/log/content/masked_text.h"

#include <gtest/gtest.h>

#include "audit/audited_request.h"

namespace fovea {
namespace {

std::string mask(std::string_view text) {
  std::string masked;
  return mask_variables(text, masked).kinds == 0 ? std::string(text) : masked;
}

std::uint8_t kinds(std::string_view text) {
  std::string masked;
  return mask_variables(text, masked).kinds;
}

TEST(MaskedText, IsTheSameForTextsOfOneTemplate) {
  EXPECT_EQ(mask("It is 2026-11-30 05:00:01. Hello"), mask("It is 2025-01-02 23:59:59. Hello"));
  EXPECT_EQ(mask("now: 2026-11-30T05:00:00.123456Z"), mask("now: 2026-12-01T06:10:00Z"));
  EXPECT_EQ(mask("Monday, November 30"), mask("Friday, March 3"));
  EXPECT_EQ(mask("id 123e4567-e89b-12d3-a456-426614174000!"), mask("id 00000000-1111-2222-3333-444455556666!"));
  EXPECT_EQ(mask("commit deadbeef01"), mask("commit 0123456789abcdef0123"));
  EXPECT_EQ(mask("req_8f7sA9dQ2x11"), mask("req_1a2b3c4d5e6f7Z"));
  EXPECT_EQ(mask("page 9 of 10"), mask("page 10 of 10"));
  EXPECT_EQ(mask("$1,299.00 each"), mask("$7.5 each"));
  EXPECT_EQ(mask("1796000000 seconds"), mask("1796000001 seconds"));
}

TEST(MaskedText, DiffersWhereWordsDiffer) {
  EXPECT_NE(mask("page 1"), mask("sheet 1"));
  EXPECT_NE(mask("now"), mask("then"));
  EXPECT_NE(mask("at 05:00"), mask("at five"));
  EXPECT_NE(mask("Mon"), mask("Moon"));
}

TEST(MaskedText, TellsWhatVaries) {
  EXPECT_EQ(kinds("a plain text about a decade, in café"), 0);
  EXPECT_EQ(kinds("3-5 sentences, 1/2 of it"), variable_number);
  EXPECT_EQ(kinds("at 5:30"), variable_time);
  EXPECT_EQ(kinds("30/11/2026"), variable_time);
  EXPECT_EQ(kinds("1796000000"), variable_time);
  EXPECT_EQ(kinds("May"), variable_time);
  EXPECT_EQ(kinds("123e4567-e89b-12d3-a456-426614174000"), variable_id);
  EXPECT_EQ(kinds("id deadbeef01, page 2"), variable_id | variable_number);
  EXPECT_EQ(kinds("facade decade beaded"), 0) << "words of hexadecimal letters";
}

TEST(MaskedText, TellsWhereItBegins) {
  std::string masked;
  EXPECT_EQ(mask_variables("It is 05:00.", masked).first_at, 6u);
  EXPECT_EQ(mask_variables("plain", masked).first_at, 5u);
  EXPECT_EQ(mask_variables("", masked).first_at, 0u);
  EXPECT_EQ(mask_variables("size x12", masked).first_at, 6u);
}

TEST(MaskedText, TakesWordsOfAnyLength) {
  std::string word;
  for (int i = 0; i < 200'000; ++i) word += i % 2 == 0 ? 'z' : '1';
  EXPECT_EQ(kinds(word), variable_id);
  EXPECT_EQ(kinds("11111111" + word), variable_number);
}

}  // namespace
}  // namespace fovea
