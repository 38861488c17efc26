// fovea bench as a person or a script uses it: what it prints, what it writes, how it continues, and what it
// says when something is wrong.
#include <algorithm>
#include <filesystem>
#include <format>
#include <glaze/glaze.hpp>
#include <string>
#include <vector>

#include "app/program.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;
using Json = glz::generic;

class Bench : public Program {
 protected:
  std::vector<fs::path> raw_files(const char* ending) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder / "report" / "raw")) {
      if (entry.path().string().ends_with(ending)) files.push_back(entry.path());
    }
    return files;
  }
  const std::string small = "bench --requests 12 --seeds 1 --size 128x128 --max-tokens 6 --threads 1 ";
  const std::string report = " --report '" + (folder / "report").string() + "'";
};

TEST_F(Bench, HelpTeaches) {
  const Ran help = run("bench --help");
  EXPECT_EQ(help.exit_code, 0);
  for (const char* word : {"--levels", "--url", "--report", "--no-run", "--rate", "fovea bench paper", "Exit codes"})
    EXPECT_TRUE(help.out.contains(word)) << word;
}

TEST_F(Bench, SaysHowMuchFasterTheLevelsAre) {
  const Ran ran = run(small + "--levels none,both,all --json");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  Json document;
  ASSERT_FALSE(glz::read_json(document, ran.out)) << ran.out;
  const Json& scenario = document[0];
  EXPECT_EQ(scenario["scenario"].get<std::string>(), "paper");
  EXPECT_EQ(scenario["baseline"].get<std::string>(), "none");
  ASSERT_EQ(scenario["targets"].size(), 3u);
  EXPECT_EQ(scenario["targets"][0]["cold"]["answers"].get<double>(), 12);
  EXPECT_GT(scenario["targets"][1]["embedding_hits"].get<double>(), 0);
  EXPECT_GT(scenario["targets"][2]["speedup_asked_again"]["value"].get<double>(), 1);
}

TEST_F(Bench, LeavesAReportThatIsMadeAgainWithoutAModel) {
  const Ran ran = run(small + "--levels none,response,both" + report);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.err.contains("report.html"));
  ASSERT_EQ(raw_files(".jsonl").size(), 1u);
  const std::string page = text_of(folder / "report" / "report.html");
  EXPECT_TRUE(page.contains("Table II"));
  for (const char* file :
       {"README.md", "figures/paper-3-speedups.csv", "tables/table-2.csv", "tables/summary.csv", "results.json"})
    EXPECT_TRUE(fs::exists(folder / "report" / file)) << file;
  fs::remove(folder / "report" / "report.html");
  const Ran again = run("bench --no-run -m /nowhere.gguf --mmproj /nowhere.gguf" + report);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(text_of(folder / "report" / "report.html"), page);
}

TEST_F(Bench, GoesOnWhereItWasInterrupted) {
  ASSERT_EQ(run(small + "--levels none" + report).exit_code, 0);
  const auto first = raw_files(".jsonl");
  ASSERT_EQ(first.size(), 1u);
  const auto written = fs::last_write_time(first[0]);
  ASSERT_EQ(
      run("bench --requests 12 --seeds 1,2 --size 128x128 --max-tokens 6 --threads 1 --levels none" + report).exit_code,
      0);
  EXPECT_EQ(raw_files(".jsonl").size(), 2u);
  EXPECT_EQ(fs::last_write_time(first[0]), written) << "a complete run is not repeated";
  ASSERT_EQ(
      run("bench --requests 12 --seeds 1 --size 128x128 --max-tokens 5 --threads 1 --levels none" + report).exit_code,
      0);
  EXPECT_EQ(raw_files(".jsonl").size(), 3u) << "another number of tokens is another run";
}

// An archive takes the place of the folder: for the report, and for a bench that goes on.
TEST_F(Bench, PackedRawResultsAreReadAsPlainOnes) {
  ASSERT_EQ(run(small + "--levels none" + report).exit_code, 0);
  const fs::path raw = folder / "report" / "raw", archive = folder / "report" / "raw.tar.xz";
  const std::string page = text_of(folder / "report" / "report.html");
  const std::string pack =
      "python3 -B '" FOVEA_SOURCE_DIR "/bench/paper/pack.py' '" + (folder / "report").string() + "'";
  ASSERT_EQ(std::system(pack.c_str()), 0);
  EXPECT_FALSE(fs::exists(raw));
  ASSERT_TRUE(fs::exists(archive));
  fs::remove(folder / "report" / "report.html");
  const Ran again = run("bench --no-run" + report);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(text_of(folder / "report" / "report.html"), page);
  ASSERT_EQ(run(small + "--levels none" + report).exit_code, 0);
  EXPECT_TRUE(raw_files(".jsonl").empty()) << "a packed run is not repeated";
  const std::string packed = text_of(archive);
  ASSERT_EQ(
      run("bench --requests 12 --seeds 2 --size 128x128 --max-tokens 6 --threads 1 --levels none" + report).exit_code,
      0);
  EXPECT_EQ(raw_files(".jsonl").size(), 1u);
  ASSERT_EQ(std::system(pack.c_str()), 0);
  EXPECT_NE(text_of(archive), packed) << "the new run is packed beside the old one";
  file("report/raw.tar.xz", packed.substr(0, packed.size() / 2));
  const Ran damaged = run("bench --no-run" + report);
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_TRUE(damaged.err.contains("raw.tar.xz: cannot be unpacked")) << damaged.err;
}

TEST_F(Bench, PoliciesByImportanceGetAttentionSummaries) {
  ASSERT_EQ(run(small + "--levels both:lru,both:importance" + report).exit_code, 0);
  ASSERT_EQ(raw_files(".jsonl").size(), 1u);
  EXPECT_TRUE(text_of(raw_files(".jsonl")[0]).contains("attention watched"));
  EXPECT_TRUE(text_of(folder / "report" / "report.html").contains("Table III"));
}

TEST_F(Bench, SeveralClientsAndOpenLoads) {
  for (const char* load : {"--clients 3", "--rate 200", "--arrivals arrivals.csv"}) {
    file("arrivals.csv", "t\n0\n0.01\n0.02\n");
    std::string words = small + "--levels none,all --json --passes 1 " + load;
    if (const auto at = words.find("arrivals.csv"); at != std::string::npos)
      words.replace(at, 12, (folder / "arrivals.csv").string());
    const Ran ran = run(words);
    ASSERT_EQ(ran.exit_code, 0) << load << "\n" << ran.err;
    Json document;
    ASSERT_FALSE(glz::read_json(document, ran.out)) << ran.out;
    EXPECT_EQ(document[0]["targets"][1]["cold"]["answers"].get<double>(), 12) << load;
  }
}

TEST_F(Bench, PicturesOfAFolder) {
  const Ran ran = run("bench paper --requests 8 --seeds 1 --max-tokens 4 --levels all --pictures . --json --threads 1");
  EXPECT_TRUE(ran.exit_code == 0 || ran.err.contains("fewer images")) << ran.err;
  const Ran few = run("bench paper --requests 200 --seeds 1 --max-tokens 4 --levels all --pictures . --threads 1");
  EXPECT_NE(few.exit_code, 0);
  EXPECT_TRUE(few.err.contains("images")) << few.err;
}

TEST_F(Bench, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"bench nosuch", "there are"},
      {"bench /nowhere.json", "/nowhere.json"},
      {"bench --levels l1", "--levels"},
      {"bench --levels both:fifo", "--levels"},
      {"bench --seeds x", "--seeds"},
      {"bench --seeds 1,1", "--seeds"},
      {"bench --size big", "--size"},
      {"bench --url http://localhost:1/v1", "has no name"},
      {"bench --url a=nowhere", "--url"},
      {"bench --rate 1 --arrivals one.png", "excludes"},
      {"bench driving --pictures .", "pictures that change"},
      {"bench --levels all,all", "two targets have the name"},
      {"bench restart --url a=http://127.0.0.1:1/v1", "--restart-command"},
      {"bench restart --clients 2", "--clients"},
      {"bench --no-run", "--no-run needs --report"},
      {"bench --baseline-every 5 --clients 2", "--baseline-every"},
      {"bench --no-run --report /nowhere/there", "/nowhere/there: has no finished runs"},
      {"bench --report /dev/null/there", "/dev/null/there"},
      {"bench --url x=http://127.0.0.1:1/v1 --seeds 1 --requests 6", "in a row"},
  };
  for (const auto& [words, part] : cases) {
    const Ran ran = run(words);
    EXPECT_NE(ran.exit_code, 0) << words;
    EXPECT_TRUE(ran.err.contains(part)) << words << "\n" << ran.err;
    EXPECT_TRUE(ran.out.empty()) << words;
  }
}

}  // namespace
}  // namespace fovea
