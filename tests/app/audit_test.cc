// fovea audit as a person or a script uses it. Logs are small and of this test's own.
#include <algorithm>
#include <filesystem>
#include <format>
#include <glaze/glaze.hpp>
#include <string>

#include "app/program.h"
#include "audit/price_table.h"

namespace fovea {
namespace {

using Json = glz::generic;

// The bundled pictures as data: URLs are not needed here: an address is as good a name.
std::string request(const std::string& user, const std::string& picture, const std::string& question,
                    const std::string& system = "You look at pictures.") {
  return std::format(
      R"({{"model":"m","user":"{}","temperature":0,"messages":[{{"role":"system","content":"{}"}},{{"role":"user","content":[)"
      R"({{"type":"image_url","image_url":{{"url":"https://pictures.example/{}"}}}},{{"type":"text","text":"{}"}}]}}]}})"
      "\n",
      user, system, picture, question);
}

class AuditVerb : public Program {
 protected:
  Json json(const std::string& words) const {
    const Ran ran = run("audit " + words + " --json");
    EXPECT_EQ(ran.exit_code, 0) << words << "\n" << ran.err;
    EXPECT_EQ(std::ranges::count(ran.out, '\n'), 1) << "one line";
    Json document;
    EXPECT_FALSE(glz::read_json(document, ran.out)) << words << "\n" << ran.out;
    return document;
  }
  // Twelve requests about four pictures; four of them are repeats.
  std::string log() const {
    std::string lines;
    for (int picture = 0; picture < 4; ++picture) {
      const std::string name = std::format("{}.png", picture);
      lines += request("web", name, "What is it?") + request("web", name, "What is it?") +
               request("app", name, "Which colour has it?");
    }
    return file("log.jsonl", lines);
  }
};

double number(const Json& object, const std::string& name) { return object[name].get<double>(); }

TEST_F(AuditVerb, HelpTeaches) {
  const Ran help = run("audit --help");
  EXPECT_EQ(help.exit_code, 0);
  for (const char* word :
       {"--format", "--pictures", "--no-decode", "--profile", "--cache", "--price-hour", "--price-tokens", "--json",
        "--report", "fovea serve --upstream", "--audit traffic/", "docs/audit.md", "Exit codes"})
    EXPECT_TRUE(help.out.contains(word)) << word;
}

// The page has the program's own prices, and real output.
TEST_F(AuditVerb, ThePageInDocsIsWhole) {
  const std::string page = text_of(FOVEA_SOURCE_DIR "/docs/audit.md");
  EXPECT_FALSE(page.contains("@@")) << "a place that nobody filled";
  std::string names = price_names() + ", ";
  for (std::size_t at = names.find(", "); at != std::string::npos; at = names.find(", ")) {
    const std::string name = names.substr(0, at);
    const AuditPrices prices = price_of(name).value();
    EXPECT_TRUE(page.contains(std::format("| `{}` | {} USD |", name, *prices.per_million_prompt_tokens))) << name;
    names.erase(0, at + 2);
  }
}

TEST_F(AuditVerb, TheAnswerComesFirst) {
  const Ran ran = run("audit " + log());
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.err, "") << "no bars outside a terminal";
  EXPECT_TRUE(ran.out.substr(0, ran.out.find('\n')).ends_with("of the work in this log was done before.")) << ran.out;
  for (const char* part : {"pictures, in the same file", "What all levels would have saved", "How sure this is"})
    EXPECT_TRUE(ran.out.contains(part)) << part << "\n" << ran.out;
}

TEST_F(AuditVerb, CountsWhatCameAgain) {
  const Json document = json(log());
  EXPECT_EQ(number(document["traffic"], "requests"), 12);
  EXPECT_EQ(number(document["reuse"]["pictures"], "sent"), 12);
  EXPECT_EQ(number(document["reuse"]["pictures"], "different"), 4);
  EXPECT_EQ(number(document["reuse"]["pictures"], "same_file"), 8);
  EXPECT_EQ(number(document["reuse"]["questions"], "repeats"), 4);
  EXPECT_EQ(number(document["reuse"]["questions"], "repeats_stored"), 4);
  EXPECT_GT(number(document["savings"]["levels"][0], "saved_ms"), 0);
}

TEST_F(AuditVerb, NothingOfTheContentIsSaid) {
  const std::string content = "Zanzibar";
  const std::string name = file("log.jsonl", request("web", content + ".png", content, content) +
                                                 request("web", content + ".png", content, content) +
                                                 "{\"messages\":\"" + content + "\"}\n");
  const std::string report = folder / "report";
  const Ran ran = run("audit " + name + " --report " + report);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_FALSE(ran.out.contains(content)) << ran.out;
  EXPECT_TRUE(ran.out.contains("1 of 3 entries are no requests")) << ran.out;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(report)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    EXPECT_FALSE(text_of(entry.path()).contains(content)) << entry.path();
  }
  EXPECT_GE(files, 4u);
  EXPECT_TRUE(text_of(std::filesystem::path(report) / "report.html").contains("was done before"));
  EXPECT_FALSE(run("audit " + name + " --json").out.contains(content));
}

TEST_F(AuditVerb, SizesAndPricesAreThoseOfTheFlags) {
  const Json document = json(log() + " --cache 1MiB,64MiB --price-hour 2 --price-tokens 1,4 --currency EUR");
  const auto& sizes = document["savings"]["sizes"].get<Json::array_t>();
  ASSERT_EQ(sizes.size(), 2u);
  EXPECT_EQ(number(sizes[0], "memory_bytes"), 1 << 20);
  EXPECT_NEAR(number(sizes[1], "machine_money"), 2 * number(sizes[1], "saved_ms") / 3.6e6, 1e-9);
  EXPECT_GT(number(sizes[1], "token_money"), 0);
  EXPECT_EQ(document["savings"]["prices"]["currency"].get<std::string>(), "EUR");
}

TEST_F(AuditVerb, ASlowerMachineHasMoreToSave) {
  const std::string name = log();
  const auto saved = [&](const std::string& flags) {
    return number(json(name + flags)["savings"]["levels"][0], "saved_ms");
  };
  EXPECT_GT(saved(" --profile jetson-orin"), saved(" --profile h100"));
}

TEST_F(AuditVerb, ReadsSeveralLogsAndStandardInput) {
  const std::string name = log();
  const Json twice = json(name + " " + name);
  EXPECT_EQ(number(twice["traffic"], "requests"), 24);
  EXPECT_EQ(twice["logs"].get<Json::array_t>().size(), 2u);
  const Ran piped = run("audit - --json", name);
  ASSERT_EQ(piped.exit_code, 0) << piped.err;
  EXPECT_TRUE(piped.out.contains("\"requests\":12"));
}

TEST_F(AuditVerb, WhatIsWrongIsSaid) {
  for (const auto& [words, sentence] : {std::pair<std::string, std::string>{"", "LOG"},
                                        {"/no/such/log", "/no/such/log"},
                                        {file("prose.txt", "Dear diary,\n"), "prose.txt"},
                                        {log() + " --profile nosuch", "--profile: no profile 'nosuch'"},
                                        {log() + " --price-tokens many", "--price-tokens many"},
                                        {log() + " --format nosuch", "--format"},
                                        {log() + " --report " + file("file", "x"), "--report: "}}) {
    const Ran ran = run("audit " + words);
    EXPECT_EQ(ran.exit_code, 2) << words;
    EXPECT_TRUE(ran.err.starts_with("fovea: ") && ran.err.contains(sentence)) << ran.err;
    EXPECT_EQ(ran.out, "") << words;
  }
}

}  // namespace
}  // namespace fovea
