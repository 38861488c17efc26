#include "report/svg_text.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(SvgText, EmptyGroupsAreLeftOut) {
  EXPECT_EQ(compact_svg("<svg>\n<g fill=\"none\">\n</g>\n<g a='1'>\n\t<text>x</text></g>\n<g b='2'></g></svg>"),
            "<svg>\n<g a='1'>\n\t<text>x</text></g>\n</svg>");
  EXPECT_EQ(compact_svg("<svg><g a='1'>\n<g b='2'>\n</g>\n</g></svg>"), "<svg><g a='1'>\n</g></svg>")
      << "one pass: gnuplot puts none into another";
}

TEST(SvgText, LinesAreWrittenShort) {
  EXPECT_EQ(compact_svg("<path d='M3,7 L5.00,7 L5.00,9.50\n\t\tL6,10 L6,10  '/>"), "<path d='M3,7H5.00V9.50L6,10H6'/>");
  EXPECT_EQ(compact_svg("<path d='M3,7 L5,7 M5,8 L5,9 L-1.5,-2'/>"), "<path d='M3,7H5M5,8V9L-1.5,-2'/>");
  EXPECT_EQ(compact_svg("<path d='M3,7 L3,8'/><path d='M1,1 L2,1'/>"), "<path d='M3,7V8'/><path d='M1,1H2'/>");
}

TEST(SvgText, WhatGnuplotDoesNotWriteStaysAsItIs) {
  for (const char* same : {"", "<svg/>", "<g ", "<g x", "<path d='M0,0 L1,0", "<path d='M0,-1.33 L-1.33,0.67 z'/>",
                           "<path d='M-1,0 h2'/>", "<path d='L1,2 L3,2'/>", "<path d='M1 2'/>",
                           "<text>d='M1,2 L3,2</text>", "<path d=\"M1,2 L3,2\"/>", "<path d='"})
    EXPECT_EQ(compact_svg(same), same);
}

}  // namespace
}  // namespace fovea
