#include "app/output/bench_report.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>

namespace fovea::app {
namespace {

namespace fs = std::filesystem;

Page page() {
  BarFigure bars{.title = "Hits", .y_label = "share, %", .groups = {"paper", "RAG"}};
  bars.series = {{"lru", {{50, 45, 55}, {20, 18, 21}}}, {"value", {{60, 55, 66}, {30, 28, 31}}}};
  LineFigure lines{.title = "Latency", .x_label = "ms", .y_label = "share"};
  lines.log_x = true;
  lines.series = {{"cached", {{1, {0.5, 0.5, 0.5}}, {9, {1, 1, 1}}}, true}};
  return {"A report",
          {Heading{2, "One"}, Paragraph{"See [the paper](https://a.example/paper)."}, Figure{"hits", "Hits.", bars},
           Heading{2, "Two"}, Figure{"latency", "Latency.", lines},
           Table{"numbers", "Numbers.", {"a", "b"}, {{"x", "1"}}}, Table{"", "", {"a", "b"}, {{"of no file", "1"}}}}};
}

class Report : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(folder); }

  // Every file of the report with its content.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      all[fs::relative(entry.path(), folder)] = {std::istreambuf_iterator<char>(file), {}};
    }
    return all;
  }

  const fs::path folder = fs::temp_directory_path() / ("fovea-report-test-" + std::to_string(::getpid()));
};

std::vector<std::string> names_of(const std::map<std::string, std::string>& files) {
  std::vector<std::string> names;
  for (const auto& [name, content] : files) names.push_back(name);
  return names;
}

TEST_F(Report, EveryFileIsThereAndTwiceTheSame) {
  if (std::system("gnuplot --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no gnuplot";
  const auto written = write_report(page(), "[]", folder / "new" / "..");
  ASSERT_TRUE(written) << written.error().message;
  fs::remove(folder / "new");
  auto first = files();
  EXPECT_EQ(names_of(first),
            (std::vector<std::string>{"README.md", "figures/hits.csv", "figures/hits.svg", "figures/latency.csv",
                                      "figures/latency.svg", "report.html", "results.json", "tables/numbers.csv"}));
  EXPECT_TRUE(first["figures/hits.svg"].contains("</svg>"));
  EXPECT_TRUE(first["README.md"].contains("(figures/latency.svg)"));
  EXPECT_EQ(first["tables/numbers.csv"], "a,b\r\nx,1\r\n");
  ASSERT_TRUE(write_report(page(), "[]", folder));
  EXPECT_TRUE(files() == first) << "a second report of the same page differs";
}

TEST_F(Report, TheHtmlNeedsNoOtherFile) {
  ASSERT_TRUE(write_report(page(), "[]", folder));
  const std::string html = files()["report.html"];
  const std::regex asset("(src|href|srcset|poster|data)\\s*=\\s*\"([^\"]*)\"");
  std::vector<std::string> links;
  for (std::sregex_iterator at(html.begin(), html.end(), asset), end; at != end; ++at) {
    const std::string attribute = (*at)[1], address = (*at)[2];
    if (attribute == "href")
      links.push_back(address);
    else
      EXPECT_TRUE(address.starts_with("data:image/svg+xml")) << address;
  }
  EXPECT_EQ(links, (std::vector<std::string>{"#chapter-1", "#chapter-2", "https://a.example/paper"}));
  for (const char* word : {"<link", "<script", "@import", "url("}) EXPECT_FALSE(html.contains(word)) << word;
}

TEST_F(Report, WithoutGnuplotThereAreNumbers) {
  fs::create_directories(folder / "figures");
  std::ofstream(folder / "figures" / "hits.svg") << "of an earlier report";
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", folder.c_str(), 1);
  const auto written = write_report(page(), "[]", folder);
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_TRUE(written) << written.error().message;
  auto all = files();
  EXPECT_EQ(names_of(all), (std::vector<std::string>{"README.md", "figures/hits.csv", "figures/latency.csv",
                                                     "report.html", "results.json", "tables/numbers.csv"}));
  EXPECT_TRUE(all["report.html"].contains("<td>RAG</td><td>value</td><td class=\"number\">30</td>"));
  EXPECT_TRUE(all["README.md"].contains("gnuplot was not installed"));
}

TEST_F(Report, NamesCannotLeadOutOfTheFolder) {
  for (const char* name : {"../a", "a/b", "a b", ".", "numbers"}) {
    Page bad = page();
    bad.blocks.push_back(Table{name, "", {"a"}, {}});
    const auto written = write_report(bad, "[]", folder);
    ASSERT_FALSE(written) << name;
    EXPECT_EQ(written.error().fault, Fault::invalid);
    EXPECT_TRUE(written.error().message.contains(name)) << written.error().message;
    EXPECT_FALSE(fs::exists(folder)) << "nothing is written if a name is not allowed";
  }
  Page nameless = page();
  nameless.blocks.push_back(Figure{});
  EXPECT_FALSE(write_report(nameless, "[]", folder)) << "a figure is shown from its file";
}

TEST_F(Report, AFileThatCannotBePutInItsPlaceSaysSoAndLeavesNothing) {
  fs::create_directories(folder / "tables" / "numbers.csv" / "a folder where the table belongs");
  const auto written = write_report(page(), "[]", folder);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().fault, Fault::unavailable);
  EXPECT_TRUE(written.error().message.contains("numbers.csv")) << written.error().message;
  for (const auto& [name, content] : files()) EXPECT_FALSE(name.contains("partial")) << name;
}

TEST_F(Report, AFolderThatCannotBeMadeSaysSo) {
  std::ofstream(folder) << "a file";
  const auto written = write_report(page(), "[]", folder);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().fault, Fault::invalid);
  EXPECT_TRUE(written.error().message.contains(folder.string())) << written.error().message;
}

}  // namespace
}  // namespace fovea::app
