#include "report/page_text.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

// The spans as one text that shows their kinds.
std::string seen(std::string_view text) {
  std::string all;
  for (const Span& span : spans_of(text)) {
    if (span.kind == Span::Kind::words) all += "(" + span.text + ")";
    if (span.kind == Span::Kind::code) all += "{" + span.text + "}";
    if (span.kind == Span::Kind::link) all += "<" + span.text + "|" + span.address + ">";
  }
  return all;
}

TEST(PageText, WordsCodeAndLinks) {
  EXPECT_EQ(seen(""), "");
  EXPECT_EQ(seen("plain"), "(plain)");
  EXPECT_EQ(seen("run `make x`, see [the paper](https://a.example/b?c=1#d)."),
            "(run ){make x}(, see )<the paper|https://a.example/b?c=1#d>(.)");
  EXPECT_EQ(seen("`a``b`"), "{a}{b}");
}

TEST(PageText, WhatIsNotCompleteIsWords) {
  for (const char* text : {"a ` b", "``", "[a]", "[a](", "[a](https://b", "[](https://b)", "[a](http://b)",
                           "[a](javascript:x)", "[a](https://b\"c)", "[a](https://b c)", "[a] (https://b)", "a[1]"})
    EXPECT_EQ(seen(text), std::string("(") + text + ")");
  EXPECT_EQ(seen("[a[b](https://c)"), "([a)<b|https://c>");
}

TEST(PageText, ATextIsOneLine) { EXPECT_EQ(seen(" a\r\n\n b\tc\x01 "), "(a b c)"); }

TEST(PageText, PlainText) { EXPECT_EQ(plain_text("`a` [b](https://c) <d>"), "a b <d>"); }

TEST(PageText, ColumnsOfNumbers) {
  const Table table{"t",
                    "",
                    {"1", "2", "3", "4", "5", "6"},
                    {{"1", "~1,204.5 ms", "1", "\u2014", "", "3 policies agree, one does not"},
                     {"2", "\u2212.5 [1, 2]", "a", "`7`x", "-", "1"}}};
  EXPECT_FALSE(holds_numbers(table, 0)) << "the first names the row";
  EXPECT_TRUE(holds_numbers(table, 1));
  EXPECT_FALSE(holds_numbers(table, 2));
  EXPECT_TRUE(holds_numbers(table, 3));
  EXPECT_FALSE(holds_numbers(table, 4)) << "an empty column";
  EXPECT_FALSE(holds_numbers(table, 5)) << "a sentence";
  EXPECT_FALSE(holds_numbers(table, 6));
}

}  // namespace
}  // namespace fovea
