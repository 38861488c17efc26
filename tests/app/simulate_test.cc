// fovea simulate as a person or a script uses it. Fleets and loads are small, so that all of them together
// take seconds.
#include <algorithm>
#include <filesystem>
#include <format>
#include <glaze/glaze.hpp>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "app/program.h"

namespace fovea {
namespace {

using Json = glz::generic;

// Four nodes with little memory, and more pictures than it has room for.
constexpr std::string_view small_fleet = R"({
  "name": "small", "about": "For a test.",
  "nodes": [{"name": "box", "device": "2-core-cpu", "model": "smolvlm-256m", "count": 4, "parallel": 2, "memory": "64MiB"}],
  "shared": {"memory": "1GiB"},
  "load": {"workload": {"name": "asked", "images": 120, "questions": 30, "repeat": 0.1, "same_image": 0.5, "zipf": 0.8},
           "requests": 600, "clients": 8}
})";

class Simulate : public Program {
 protected:
  Json json(const std::string& words) const {
    const Ran ran = run("simulate " + words + " --json");
    EXPECT_EQ(ran.exit_code, 0) << words << "\n" << ran.err;
    EXPECT_EQ(std::ranges::count(ran.out, '\n'), 1) << "one line";
    Json document;
    EXPECT_FALSE(glz::read_json(document, ran.out)) << words << "\n" << ran.out;
    return document;
  }
  std::string small() const { return file("small.json", small_fleet); }
  // The small fleet with these fields besides its own.
  std::string with(const std::string& name, const std::string& fields) const {
    std::string text(small_fleet);
    text.insert(text.rfind('}'), ", " + fields);
    return file(name, text);
  }
};

double number(const Json& object, const std::string& name) { return object[name].get<double>(); }
const Json& way(const Json& document, std::size_t which = 0) {
  return document["fleets"][0]["ways"].get<Json::array_t>().at(which);
}

TEST_F(Simulate, HelpTeaches) {
  const Ran help = run("simulate --help");
  EXPECT_EQ(help.exit_code, 0);
  for (const char* word : {"--compare", "--nodes", "--requests", "--seed", "--json", "--report",
                           "fovea simulate node-dies", "docs/simulate.md", "Exit codes"})
    EXPECT_TRUE(help.out.contains(word)) << word;
}

// Each way of the bundled fleet saves something over the first.
TEST_F(Simulate, WithoutAFleetItShowsOneThatSaves) {
  const Json document = json("--requests 3000");
  EXPECT_EQ(document["fleets"][0]["name"].get<std::string>(), "shop");
  ASSERT_EQ(document["fleets"][0]["ways"].get<Json::array_t>().size(), 5u);
  const Json &alone = way(document, 0), &shared = way(document, 1), &whole = way(document, 4);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(number(way(document, i), "answered"), 3000);
  EXPECT_LT(number(shared, "encodes"), number(alone, "encodes"));
  EXPECT_LT(number(shared["times"], "mean_ms"), number(alone["times"], "mean_ms"));
  EXPECT_LT(number(whole["times"], "mean_ms"), number(alone["times"], "mean_ms"));
  EXPECT_LT(number(whole["shared"], "fetched_bytes"), 0.5 * number(shared["shared"], "fetched_bytes"));
  EXPECT_GT(number(whole, "from_memory"), number(shared, "from_memory"));
}

TEST_F(Simulate, OneFleetIsToldWhole) {
  const Ran ran = run("simulate " + small());
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.err, "") << "no bars outside a terminal";
  EXPECT_TRUE(
      ran.out.starts_with("small: 4 nodes (4 2-core-cpu), 1 shard; hash, fetching measured; 600 requests of asked "
                          "by 8 clients\nFor a test.\n"))
      << ran.out;
  for (const char* part : {"mean ms", "nothing: encoded", "shared tier", "encoder busy", "pictures encoded"})
    EXPECT_TRUE(ran.out.contains(part)) << part;
}

TEST_F(Simulate, OneFleetAndSeedHaveOneOutcome) {
  const std::string fleet = small();
  const auto outcome = [&](const std::string& more) {
    Json one = way(json(fleet + more));
    one["wall_seconds"] = 0.0;
    return glz::write_json(one).value();
  };
  EXPECT_EQ(outcome(""), outcome(""));
  EXPECT_NE(outcome(""), outcome(" --seed 7"));
}

TEST_F(Simulate, FlagsTakeThePlaceOfTheFile) {
  const Json document = json(small() + " --nodes 8 --requests 200 --seed 3 --routing round_robin --fetching never");
  EXPECT_EQ(number(document["fleets"][0], "nodes"), 8);
  EXPECT_EQ(number(document["fleets"][0], "seed"), 3);
  EXPECT_EQ(number(way(document), "requests"), 200);
  EXPECT_EQ(way(document)["routing"].get<std::string>(), "round_robin");
  EXPECT_EQ(way(document)["fetching"].get<std::string>(), "never");
  EXPECT_EQ(number(way(document)["shared"], "fetched_bytes"), 0);
}

TEST_F(Simulate, ComparisonsEndWithTheFleetItself) {
  const std::string fleet = small();
  const Json itself = json(fleet);
  for (const auto& [what, count] : {std::pair{"sharing", 5u}, {"placement", 4u}, {"prefetch", 2u}}) {
    const Json document = json(fleet + " --compare " + what);
    const auto& all = document["fleets"][0]["ways"].get<Json::array_t>();
    ASSERT_EQ(all.size(), count) << what;
    if (what == std::string("prefetch")) continue;  // the file has none
    EXPECT_EQ(number(all.back()["times"], "mean_ms"), number(way(itself)["times"], "mean_ms")) << what;
  }
}

TEST_F(Simulate, ANodeThatDiesIsSeen) {
  const std::string fleet =
      with("dies.json", R"("events": [{"kind": "node_dies", "at_s": 20, "until_s": 40, "node": "box-1"}])");
  const Json document = json(fleet + " --requests 1500");
  const auto& events = way(document)["events"].get<Json::array_t>();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["kind"].get<std::string>(), "node_dies");
  EXPECT_GT(number(events[0], "requests"), 0);
  EXPECT_GT(number(events[0]["found"], "before"), 0);
  EXPECT_EQ(number(way(document), "answered") + number(way(document), "failed"), 1500);
  const Ran ran = run("simulate " + fleet);
  EXPECT_TRUE(ran.out.contains("node box-1 dies")) << ran.out;
}

TEST_F(Simulate, SeveralFleetsAndBundledOnesByName) {
  const Json document = json("shop " + small() + " --requests 100");
  const auto& fleets = document["fleets"].get<Json::array_t>();
  ASSERT_EQ(fleets.size(), 2u);
  EXPECT_EQ(fleets[0]["name"].get<std::string>(), "shop");
  EXPECT_EQ(fleets[1]["name"].get<std::string>(), "small");
  const Ran ran = run("simulate - --requests 100", small());
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.out.starts_with("small: ")) << "a fleet from standard input";
}

TEST_F(Simulate, AReportHasAPageAndItsFiles) {
  const std::string out = folder / "report";
  const Ran ran = run("simulate " + small() + " --requests 200 --compare sharing --report '" + out + "'");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.err.contains("report.html"));
  const std::string page = text_of(out + "/report.html"), readme = text_of(out + "/README.md");
  for (const char* part : {"Fleet: small", "For a test.", "What is simulated"}) {
    EXPECT_TRUE(page.contains(part)) << part;
    EXPECT_TRUE(readme.contains(part)) << part;
  }
  for (const char* file : {"figures/small-times.csv", "figures/small-found.csv", "figures/small-bytes.csv",
                           "tables/small-ways.csv", "tables/small-nodes.csv"})
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(out) / file)) << file;
  Json document;
  EXPECT_FALSE(glz::read_json(document, text_of(out + "/results.json")));
  EXPECT_EQ(document["fleets"][0]["name"].get<std::string>(), "small");
}

TEST_F(Simulate, WrongUsageExitsWithTwo) {
  const std::string fleet = small();
  const std::string alone = file("alone.json", R"({"name": "alone", "nodes": [{"name": "n", "device": "t4"}],
                                                   "load": {"workload": "paper"}})");
  for (const auto& [words, why] : {std::pair<std::string, std::string>{"nosuch", "no fleet 'nosuch': there are "},
                                   {fleet + " --compare all", "--compare"},
                                   {fleet + " --requests 0", "--requests"},
                                   {fleet + " --nodes 0", "--nodes"},
                                   {fleet + " --nodes 99999", "--nodes"},
                                   {fleet + " --seed -1", "--seed"},
                                   {fleet + " --routing random", "--routing"},
                                   {fleet + " --fetching some", "--fetching"},
                                   {fleet + " --no-such-flag", "--no-such-flag"},
                                   {fleet + " " + fleet, "two fleets are named small"},
                                   {alone + " --compare sharing", "\"shared\""},
                                   {alone + " --compare placement", "\"shared\""},
                                   {fleet + " --report /dev/null/here", "--report"}}) {
    const Ran ran = run("simulate " + words);
    EXPECT_EQ(ran.exit_code, 2) << words << "\n" << ran.err;
    EXPECT_TRUE(ran.err.starts_with("fovea: ") && ran.err.contains(why)) << words << "\n" << ran.err;
    EXPECT_EQ(ran.out, "") << words;
  }
}

TEST_F(Simulate, FilesThatAreNoFleetsSayWhy) {
  for (const auto& [name, content, why] :
       {std::tuple{"empty.json", "", "not a fleet"},
        {"half.json", "{\"name\": \"x\"", "not a fleet"},
        {"list.json", "[]", "not a fleet"},
        {"field.json", R"({"name": "x", "nods": []})", "nods"},
        {"none.json", R"({"name": "x"})", "\"nodes\""},
        {"device.json", R"({"name": "x", "nodes": [{"name": "n", "device": "abacus"}]})", "2-core-cpu"},
        {"load.json", R"({"name": "x", "nodes": [{"name": "n", "device": "t4"}]})", "\"workload\" is missing"},
        {"binary.json", "\x7f\x45\x4c\x46", "not a fleet"}}) {
    const Ran ran = run("simulate " + file(name, content));
    EXPECT_NE(ran.exit_code, 0) << name;
    EXPECT_TRUE(ran.err.starts_with("fovea: ") && ran.err.contains(name) && ran.err.contains(why)) << ran.err;
    EXPECT_EQ(ran.out, "") << name;
  }
  const Ran missing = run("simulate ./missing.json");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_TRUE(missing.err.contains("missing.json")) << missing.err;
  const Ran full = run("simulate " + small() + " --requests 50", "/dev/null", "/dev/full");
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_TRUE(full.err.contains("cannot be written")) << full.err;
}

}  // namespace
}  // namespace fovea
