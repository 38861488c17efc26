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

std::string no_svg(const Figure&) { return ""; }

std::string html_of(PageBlock block) {
  const std::string text = html({"T", {std::move(block)}}, no_svg);
  const std::string_view begin = "<h1>T</h1>\n", end = "</main>";
  const std::size_t from = text.find(begin) + begin.size();
  return text.substr(from, text.find(end) - from);
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

TEST(PageAsHtml, TextsAreEscaped) {
  EXPECT_EQ(html_of(Paragraph{"<script> & \"q\" 'p' `<i>` [a<](https://b.example/?x=1&y=2)"}),
            "<p>&lt;script&gt; &amp; &quot;q&quot; &#39;p&#39; <code>&lt;i&gt;</code> "
            "<a href=\"https://b.example/?x=1&amp;y=2\">a&lt;</a></p>\n");
  EXPECT_EQ(html_of(Listing{"a < b\n  c"}), "<pre tabindex=\"0\"><code>a &lt; b\n  c</code></pre>\n");
  EXPECT_EQ(html_of(Bullets{{"a", "<b>"}}), "<ul>\n<li>a</li>\n<li>&lt;b&gt;</li>\n</ul>\n");
  EXPECT_TRUE(html({"<T> `c`", {}}, no_svg).contains("<title>&lt;T&gt; c</title>"));
}

TEST(PageAsHtml, ChaptersAreListed) {
  const std::string text = html({"T", {Heading{2, "One `x`"}, Heading{3, "Sub"}, Heading{2, "Two"}}}, no_svg);
  EXPECT_TRUE(
      text.contains("<ol>\n<li><a href=\"#chapter-1\">One x</a></li>\n<li><a href=\"#chapter-2\">Two</a></li>\n</ol>"));
  EXPECT_TRUE(
      text.contains("<h2 id=\"chapter-1\">One <code>x</code></h2>\n<h3>Sub</h3>\n<h2 id=\"chapter-2\">Two</h2>"));
  EXPECT_FALSE(html_of(Heading{2, "One"}).contains("<nav")) << "a list of one is none";
}

TEST(PageAsHtml, Tables) {
  const std::string text = html_of(Table{"t", "A \"b\".", {"name", "n"}, {{"a", "1"}, {"b", "<2"}}});
  EXPECT_TRUE(text.starts_with("<figure>\n<figcaption>A &quot;b&quot;.</figcaption>\n")) << text;
  EXPECT_TRUE(text.contains("<tr><th>name</th><th class=\"number\">n</th></tr>")) << text;
  EXPECT_TRUE(text.contains("<tr><td>b</td><td class=\"number\">&lt;2</td></tr>")) << text;
  EXPECT_TRUE(text.contains("aria-label=\"A &quot;b&quot;.\"")) << text;
}

TEST(PageAsHtml, AFigureIsAPictureInTheFile) {
  const auto svg_of = [](const Figure& one) { return "<svg a=\"" + one.name + "\">#50%\n\u00e9</svg>"; };
  const std::string text = html({"T", {figure()}}, svg_of);
  EXPECT_TRUE(text.contains("alt=\"What &quot;it&quot; is | &amp; code.\"")) << text;
  EXPECT_TRUE(
      text.contains("src=\"data:image/svg+xml;charset=utf-8,"
                    "%3Csvg a=%22fig-1%22%3E%2350%25%0A%C3%A9%3C/svg%3E\""))
      << text;
  EXPECT_TRUE(text.contains("<figcaption>What &quot;it&quot; is | &amp; <code>code</code>.</figcaption>")) << text;
}

TEST(PageAsHtml, AFigureWithoutAPictureIsItsNumbers) {
  const std::string text = html_of(figure());
  EXPECT_FALSE(text.contains("<img")) << text;
  EXPECT_TRUE(text.contains("<th>group</th><th>series</th><th class=\"number\">value</th>")) << text;
  EXPECT_TRUE(text.contains("<td>g&lt;1&gt;</td><td>s</td><td class=\"number\">1.5</td>")) << text;
}

TEST(PageAsCsv, CellsArePlain) {
  EXPECT_EQ(csv(Table{"t", "", {"a", "b,c"}, {{"`x`", "[y](https://z.example)"}}}), "a,\"b,c\"\r\nx,y\r\n");
}

}  // namespace
}  // namespace fovea
