#include "report/page.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

Figure figure() {
  BarFigure bars{.title = "T", .y_label = "y", .groups = {"g<1>"}};
  bars.series = {{"s", {{1.5, 1, 2}}}};
  return {"fig-1", "What \"it\" is | & `code`.", bars};
}

std::string no_svg(const Figure&) { return ""; }

std::string html_of(PageBlock block) {
  const std::string text = html({"T", {std::move(block)}}, no_svg);
  const std::string_view begin = "<h1>T</h1>\n", end = "</main>";
  const std::size_t from = text.find(begin) + begin.size();
  return text.substr(from, text.find(end) - from);
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
  EXPECT_FALSE(html_of(Heading{2, "One"}).contains("<nav")) << "one chapter has no list";
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

}  // namespace
}  // namespace fovea
