#include "report/page.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

Figure figure() {
  BarFigure bars{.title = "T", .y_label = "y", .groups = {"g<1>"}};
  bars.series = {{"s", {{1.5, 1, 2}}}};
  return {"fig-1", "What \"it\" is | & `code`.", bars};
}

std::string markdown_of(PageBlock block) {
  const std::string text = markdown({"T", {std::move(block)}}, "figures");
  EXPECT_TRUE(text.starts_with("# T\n\n")) << text;
  return text.substr(5);
}

TEST(PageAsMarkdown, Blocks) {
  EXPECT_EQ(markdown({"A *title*",
                      {Heading{2, "One"}, Paragraph{"Two\nlines."}, Heading{3, "Sub"}, Bullets{{"a", "b"}},
                       Listing{"make\n"}}},
                     "figures"),
            "# A \\*title\\*\n\n## One\n\nTwo lines.\n\n### Sub\n\n- a\n- b\n\n```\nmake\n```\n");
}

TEST(PageAsMarkdown, SignsStandForThemselves) {
  EXPECT_EQ(markdown_of(Paragraph{"<b> & \\ *x* _y_ a_b [z] #1 ~5 $2 a|b `c*_<`"}),
            "&lt;b&gt; &amp; \\\\ \\*x\\* \\_y\\_ a_b \\[z\\] \\#1 \\~5 \\$2 a\\|b `c*_<`\n");
  EXPECT_EQ(markdown_of(Paragraph{"- a"}), "\\- a\n");
  EXPECT_EQ(markdown_of(Paragraph{"12. a"}), "12\\. a\n");
  EXPECT_EQ(markdown_of(Paragraph{"12.5"}), "12\\.5\n");
  EXPECT_EQ(markdown_of(Paragraph{"7"}), "7\n");
  EXPECT_EQ(markdown_of(Bullets{{"1) a", "+ b"}}), "- 1\\) a\n- \\+ b\n");
  EXPECT_EQ(markdown_of(Paragraph{"[a*](https://b.example/_x_)"}), "[a\\*](https://b.example/_x_)\n");
  EXPECT_EQ(markdown_of(Listing{"```\nx"}), "````\n```\nx\n````\n");
  EXPECT_EQ(markdown({"T", {Paragraph{""}}}, "figures"), "# T\n");
}

TEST(PageAsMarkdown, Tables) {
  EXPECT_EQ(markdown_of(Table{"t", "What.", {"name", "n|m", "why"}, {{"a", "1", "x\ny"}, {"`b|c`", "-2 ms", "<z>"}}}),
            "*What.*\n\n"
            "| name | n\\|m | why |\n"
            "|:---|---:|:---|\n"
            "| a | 1 | x y |\n"
            "| `b\\|c` | -2 ms | &lt;z&gt; |\n");
}

TEST(PageAsMarkdown, FiguresWithAndWithoutPictures) {
  EXPECT_EQ(markdown_of(figure()),
            "![What \"it\" is \\| &amp; code.](figures/fig-1.svg)\n\n"
            "*What \"it\" is \\| &amp; `code`.* ([numbers](figures/fig-1.csv))\n");
  const std::string without = markdown({"T", {figure()}}, "figures", Pictures::missing);
  EXPECT_FALSE(without.contains(".svg")) << without;
  EXPECT_TRUE(without.contains("gnuplot was not installed: [the numbers](figures/fig-1.csv)")) << without;
}

}  // namespace
}  // namespace fovea
