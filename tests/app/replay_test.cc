// fovea replay as a person or a script uses it: every format, every output, and what is said when something
// is wrong.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <format>
#include <glaze/glaze.hpp>
#include <utility>
#include <vector>

#include "app/program.h"
#include "fovea/level.h"

namespace fovea {
namespace {

using Json = glz::generic;

class Replay : public Program {
 protected:
  // What `fovea replay WORDS --json` prints.
  Json json(const std::string& words, const std::string& input = "/dev/null") const {
    const Ran ran = run("replay " + words + " --json", input);
    EXPECT_EQ(ran.exit_code, 0) << words << "\n" << ran.err;
    EXPECT_EQ(std::ranges::count(ran.out, '\n'), 1) << "one line";
    Json document;
    EXPECT_FALSE(glz::read_json(document, ran.out)) << words << "\n" << ran.out;
    return document;
  }
};

double number(const Json& object, const std::string& name) { return object[name].get<double>(); }

// What the first policy did under the first budget.
const Json& first_result(const Json& document) { return document["capacities"][0]["policies"][0]["result"]; }

// The size of a value that is charged 1,000 bytes with its entry's overhead.
const std::string size = std::to_string(1000 - Level::entry_overhead_bytes);

const std::string six_lookups = std::format(
    "key,size,cost\n"
    "a,{0},10\n"   // miss
    "b,{0},20\n"   // miss
    "a,{0},10\n"   // hit: 10 ms; b is now the one used least recently
    "c,{0},40\n"   // miss: b leaves
    "b,{0},20\n"   // miss: a leaves
    "c,{0},40\n",  // hit: 40 ms
    size);

TEST_F(Replay, HelpTeaches) {
  const Ran help = run("replay --help");
  EXPECT_EQ(help.exit_code, 0);
  for (const char* word : {"--policy", "--capacity", "--budget", "--order", "--plot", "--json",
                           "fovea replay trace.csv", "Exit codes", "oracleGeneral"})
    EXPECT_TRUE(help.out.contains(word)) << word;
}

// By hand: of 140 ms, lru with room for two saves 50; with room for all, the second look-up of each key hits.
TEST_F(Replay, LruIsWhatOneCountsByHand) {
  const Json document = json(file("six.csv", six_lookups) + " --policy lru --capacity 2000B,100%");
  EXPECT_EQ(number(document, "requests"), 6);
  EXPECT_EQ(number(document, "lookups"), 6);
  EXPECT_EQ(number(document, "keys"), 3);
  EXPECT_EQ(number(document, "working_set_bytes"), 3000);
  EXPECT_EQ(number(document, "total_ms"), 140);
  EXPECT_EQ(number(document["compulsory_ceiling"], "saved_ms"), 10 + 20 + 40);
  const Json& two = document["capacities"][0];
  EXPECT_EQ(two["capacity"].get<std::string>(), "2000B");
  EXPECT_EQ(number(two, "bytes"), 2000);
  EXPECT_EQ(two["policies"][0]["policy"].get<std::string>(), "lru");
  EXPECT_GT(number(two["policies"][0], "requests_per_second"), 0);
  const Json& lru = first_result(document);
  EXPECT_EQ(number(lru, "saved_ms"), 50);
  EXPECT_EQ(number(lru, "hits"), 2);
  EXPECT_EQ(number(lru, "lookups"), 6);
  EXPECT_EQ(number(lru, "evictions"), 2);
  EXPECT_DOUBLE_EQ(number(lru, "cost_hit_ratio"), 50.0 / 140);
  EXPECT_DOUBLE_EQ(number(lru, "object_hit_ratio"), 2.0 / 6);
  EXPECT_DOUBLE_EQ(number(lru, "byte_hit_ratio"), 2.0 / 6);
  EXPECT_EQ(number(lru["levels"]["embedding"], "hits"), 2);
  EXPECT_EQ(number(lru["levels"]["response"], "lookups"), 0);
  // Who knows the future leaves a or b out once and saves 70 of 70: a until its hit, then b and c.
  EXPECT_EQ(number(two["offline_greedy"], "saved_ms"), 70);
  EXPECT_GE(number(two["upper_bound"], "saved_ms"), 70);
  const Json& all = document["capacities"][1];
  EXPECT_EQ(number(all, "bytes"), 3000);
  EXPECT_EQ(number(all["policies"][0]["result"], "saved_ms"), 70);
}

TEST_F(Replay, AnyNameOfAFileIsJson) {
  const std::string name = file("\x01\t\"\\.csv", six_lookups);
  EXPECT_EQ(json("'" + name + "' --policy lru")["trace"].get<std::string>(), name);
}

TEST_F(Replay, TextSaysTheSame) {
  const Ran ran = run("replay " + file("six.csv", six_lookups) + " --policy lru,cost --capacity 2000B");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.out.contains("six.csv: 6 requests, 6 look-ups, 3 keys, 140 ms of compute; working set 2.93 KiB"));
  EXPECT_TRUE(ran.out.contains("\n2000B (1.95 KiB)\n"));
  const std::size_t at = ran.out.find("\n  lru ");
  ASSERT_NE(at, std::string::npos) << ran.out;
  std::istringstream line(ran.out.substr(at));
  std::vector<std::string> cells{std::istream_iterator<std::string>(line), {}};
  EXPECT_EQ((std::vector(cells.begin(), cells.begin() + 7)),
            (std::vector<std::string>{"lru", "50", "ms", "35.7%", "33.3%", "33.3%", "2"}));
  for (const char* row : {"\n  cost ", "offline greedy (achievable)", "upper bound (space-time relaxation)",
                          "compulsory ceiling (no limit)"})
    EXPECT_TRUE(ran.out.contains(row)) << row;
  EXPECT_EQ(ran.err, "") << "no bars outside a terminal";
}

TEST_F(Replay, ByDefaultAllPoliciesAtSixBudgets) {
  const Json document = json("traces/shop.csv");
  EXPECT_EQ(number(document, "requests"), 60);
  const auto& capacities = document["capacities"].get<Json::array_t>();
  ASSERT_EQ(capacities.size(), 6u);
  EXPECT_EQ(capacities[5]["capacity"].get<std::string>(), "100%");
  EXPECT_EQ(number(capacities[5], "bytes"), number(document, "working_set_bytes"));
  for (const Json& capacity : capacities) {
    const auto& policies = capacity["policies"].get<Json::array_t>();
    EXPECT_EQ(policies.size(), 8u);
    for (const Json& policy : policies) {
      EXPECT_LE(number(policy["result"], "saved_ms"), number(capacity["upper_bound"], "saved_ms"));
      EXPECT_LE(number(policy["result"], "hits"), number(policy["result"], "lookups"));
    }
  }
}

TEST_F(Replay, JsonLinesAndStandardInput) {
  const std::string lines = file("lines", R"({"key": "a", "size": 400, "cost": 10})"
                                          "\n"
                                          R"({"key": "a", "size": 400, "cost": 10})"
                                          "\n");
  for (const std::string& words : {lines, lines + " --format jsonl", std::string("-")}) {
    const Json document = json(words + " --policy lru --capacity 1KiB", lines);
    EXPECT_EQ(number(first_result(document), "saved_ms"), 10) << words;
  }
  EXPECT_EQ(json("- --policy lru", lines)["trace"].get<std::string>(), "standard input");
  EXPECT_EQ(number(json("traces/cameras.jsonl"), "requests"), 40);
}

std::string record(std::uint32_t seconds, std::uint64_t object, std::uint32_t bytes, std::int64_t next) {
  std::string text(24, '\0');
  std::memcpy(text.data(), &seconds, 4);
  std::memcpy(text.data() + 4, &object, 8);
  std::memcpy(text.data() + 12, &bytes, 4);
  std::memcpy(text.data() + 16, &next, 8);
  return text;
}

TEST_F(Replay, OracleGeneralRecords) {
  const std::string bytes = record(1, 7, 100, 3) + record(2, 8, 100, -1) + record(2, 7, 100, -1);
  for (const std::string& words :
       {file("unnamed", bytes), file("w.oracleGeneral", bytes), file("other", bytes) + " --format oracleGeneral"}) {
    const Json document = json(words + " --policy lru --capacity 100%");
    EXPECT_EQ(number(document, "keys"), 2) << words;
    EXPECT_EQ(number(document, "working_set_bytes"), 2.0 * (100 + Level::entry_overhead_bytes));
    EXPECT_EQ(number(first_result(document), "saved_ms"), 1) << "each look-up costs 1 ms";
  }
}

// Two files are one trace; only room for one entry, so the order decides who hits.
TEST_F(Replay, FilesFollowEachOther) {
  const std::string a = file("a.csv", std::format("key,size,cost\nx,{0},1\ny,{0},2\n", size)),
                    b = file("b.csv", std::format("key,size,cost\ny,{},2\n", size));
  EXPECT_EQ(number(first_result(json(a + " " + b + " --policy lru --capacity 1000B")), "saved_ms"), 2);
  EXPECT_EQ(number(first_result(json(b + " " + a + " --policy lru --capacity 1000B")), "saved_ms"), 0);
}

TEST_F(Replay, QuestionsInTheirOrderOrShuffled) {
  const std::string words = "traces/questions.jsonl --policy lru --capacity 20% ";
  const auto saved = [&](const std::string& more) { return number(first_result(json(words + more)), "saved_ms"); };
  const double in_order = saved("");
  EXPECT_EQ(saved("--order file"), in_order);
  EXPECT_EQ(saved("--order shuffle --seed 2"), saved("--order shuffle --seed 2"));
  std::vector<double> shuffled;
  for (int seed = 1; seed <= 5; ++seed) shuffled.push_back(saved(std::format("--order shuffle --seed {}", seed)));
  EXPECT_GT(std::ranges::max(shuffled), std::ranges::min(shuffled));
  const Json small = json(words), large = json(words + "--model-profile llava-1.5-7b");
  EXPECT_EQ(number(small, "keys"), number(large, "keys"));
  EXPECT_NE(number(small, "total_ms"), number(large, "total_ms"));
  const std::string own = text_of(FOVEA_SOURCE_DIR "/samples/profiles/smolvlm-256m.json");
  EXPECT_EQ(number(json(words + "--model-profile " + file("own.json", own)), "total_ms"), number(small, "total_ms"));
}

TEST_F(Replay, WorkloadsAreGenerated) {
  const Json document = json("workloads/paper.json --policy lru --capacity 50%");
  EXPECT_EQ(document["trace"].get<std::string>(), "paper");
  EXPECT_EQ(number(document, "requests"), 250);
  EXPECT_EQ(number(document, "lookups"), 500);
  const auto total = [&](const std::string& words) {
    return number(json("workloads/paper.json " + words), "total_ms");
  };
  EXPECT_EQ(total("--seed 1"), number(document, "total_ms"));
  EXPECT_NE(total("--seed 2"), number(document, "total_ms"));
}

// The embedding fits into its budget, the response has none.
TEST_F(Replay, ABudgetForEachLevel) {
  const std::string trace = file("levels.csv", std::format("key,level,size,cost,request\n"
                                                           "q,response,{0},50,1\np,embedding,{0},30,1\n"
                                                           "q,response,{0},50,2\np,embedding,{0},30,2\n",
                                                           size));
  const auto levels = [&](const std::string& plan) {
    const Json document = json(trace + " --policy lru --budget " + plan);
    const Json& at = first_result(document)["levels"];
    return std::pair(number(at["embedding"], "hits"), number(at["response"], "hits"));
  };
  EXPECT_EQ(levels("embedding=1000B"), std::pair(1.0, 0.0));
  EXPECT_EQ(levels("embedding=999B"), std::pair(0.0, 0.0));
  EXPECT_EQ(levels("embedding=1000B,response=1000B"), std::pair(0.0, 1.0)) << "a response hit asks for nothing more";
  const Json split = json(trace + " --policy lru --budget embedding=1GiB,response=50%");
  EXPECT_EQ(number(split["capacities"][0], "bytes"), (1 << 30) + 1000);
  EXPECT_EQ(split["capacities"][0]["budgets"].get<Json::array_t>().size(), 3u);
}

TEST_F(Replay, PlotsNameEveryPolicy) {
  if (std::system("gnuplot --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no gnuplot";
  const std::string svg = folder / "out.svg", png = folder / "out.png";
  const Ran ran = run("replay traces/shop.csv --plot " + svg);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  const std::string picture = text_of(svg);
  EXPECT_TRUE(picture.contains("<svg"));
  for (const char* name : {"lru", "cost", "importance", "cross-modal", "s3-fifo", "sieve", "w-tinylfu", "value",
                           "offline greedy", "upper bound", "compulsory ceiling", "shop.csv"})
    EXPECT_TRUE(picture.contains(name)) << name;
  const Ran one = run("replay traces/shop.csv --capacity 10%,0 --policy lru --plot " + png);
  EXPECT_EQ(one.exit_code, 0) << "one point, and one that has no place on a logarithmic axis\n" << one.err;
  EXPECT_TRUE(text_of(png).starts_with("\x89PNG"));
}

TEST_F(Replay, WrongUsageExitsWithTwo) {
  for (const auto& [words, why] : {std::pair{"", "TRACE"},
                                   {"traces/shop.csv --capacity 10x", "--capacity"},
                                   {"traces/shop.csv --capacity -1%", "--capacity"},
                                   {"traces/shop.csv --capacity 0%", "share of the working set"},
                                   {"traces/shop.csv --capacity nan%", "--capacity"},
                                   {"traces/shop.csv --capacity 1e99%", "--capacity"},
                                   {"traces/shop.csv --capacity 1%,,2%", "--capacity"},
                                   {"traces/shop.csv --capacity $(seq -s, 101)", "more than 100"},
                                   {"traces/shop.csv --policy lru,best", "\"best\". Choose one of: lru, cost"},
                                   {"traces/shop.csv --policy ''", "--policy"},
                                   {"traces/shop.csv --budget ''", "no level has a budget"},
                                   {"traces/shop.csv --budget embedding", "--budget"},
                                   {"traces/shop.csv --budget embedding=1GiB,embedding=2GiB", "--budget"},
                                   {"traces/shop.csv --budget disk=1GiB", "--budget"},
                                   {"traces/shop.csv --budget embedding=1GiB --capacity 10%", "leave out --capacity"},
                                   {"traces/shop.csv --plot out.gif", ".svg"},
                                   {"traces/shop.csv --format xml", "--format"},
                                   {"traces/shop.csv --order random", "--order"},
                                   {"traces/shop.csv --seed -1", "--seed"},
                                   {"traces/shop.csv --no-such-flag", "--no-such-flag"}}) {
    const Ran ran = run(std::string("replay ") + words);
    EXPECT_EQ(ran.exit_code, 2) << words << "\n" << ran.err;
    EXPECT_TRUE(ran.err.starts_with("fovea: ") && ran.err.contains(why)) << words << "\n" << ran.err;
    EXPECT_EQ(ran.out, "") << words;
  }
}

TEST_F(Replay, FilesThatAreNoTracesSayWhy) {
  const std::string recipe = R"({"name": "n", "picturs": 3})";
  for (const auto& [name, content, why] : {
           std::tuple{"empty", "", "is empty"},
           {"header.csv", "key,size\n", "holds no look-up"},
           {"columns.csv", "id,bytes\na,1\n", "columns.csv:1: the header has no column key; it must name key and size"},
           {"short.csv", "key,size\na,1\nb\n", "short.csv:3: 1 fields where the header has 2"},
           {"negative.csv", "key,size\na,1\nb,-5\n", "negative.csv:3: size: '-5'"},
           {"huge.csv", "key,size\na,9223372036854775808\n", "huge.csv:2: size: '9223372036854775808'"},
           {"nan.csv", "key,size,cost\na,1,NaN\n", "nan.csv:2: cost"},
           {"escape.csv", "key,size\na,\x1b[2J\n", "size: '?[2J'"},
           {"quote.csv", "key,size\n\"a,1\n", "quote"},
           {"back.csv", "key,size,time\na,1,5\na,1,4\n", "sort the trace by time"},
           {"level.csv", "key,size,level\na,1,disk\n", "write embedding, prefix or response"},
           {"broken.jsonl", "{\"key\": \"a\", \"size\": 1}\n{\"key\": \"a\"\n", "broken.jsonl:2: not a JSON object"},
           {"sizeless.jsonl", "{\"key\": \"a\"}\n", "sizeless.jsonl:1: the size is missing"},
           {"image.jsonl", "{\"image\": \"a\"}\n", "it needs image or image_id, and text or question"},
           {"packed.csv.gz", "\x1f\x8b\x08 and so on", "zcat <"},
           {"letter.txt", "Dear reader,\n", "name it with --format"},
           {"recipe.json", recipe.c_str(), "samples/workloads"},
           {"nothing.json", "{\"name\": \"n\", \"requests\": 0}", "\"requests\" must be 1 to 20,000,000"},
       }) {
    const Ran ran = run("replay " + file(name, content));
    EXPECT_EQ(ran.exit_code, 1) << name << "\n" << ran.err;
    EXPECT_TRUE(ran.err.starts_with("fovea: ") && ran.err.contains(why)) << name << "\n" << ran.err;
    EXPECT_TRUE(ran.err.contains(name) || std::string_view(name) == "letter.txt") << ran.err;
    EXPECT_EQ(ran.out, "") << name;
  }
}

TEST_F(Replay, WhatFailsSaysWhyAndExitsWithOne) {
  const std::string cut = file("cut.oracleGeneral", record(1, 7, 100, 3).substr(0, 20));
  const std::string plot = folder / "no such folder" / "out.svg", occupied = folder / "folder.svg";
  std::filesystem::create_directories(occupied);
  for (const auto& [words, why] :
       {std::pair{std::string("missing.csv"), "missing.csv: No such file"},
        {"traces", "traces: is a folder; name the files in it"},
        {cut, "is this a complete oracleGeneral trace?"},
        {"traces/shop.csv --order shuffle", "only questions can be shuffled"},
        {"workloads/paper.json --order shuffle", "only questions can be shuffled"},
        {"workloads/paper.json workloads/chat.json", "a workload stands alone"},
        {"traces/shop.csv traces/questions.jsonl", "replay them apart"},
        {"traces/shop.csv --format questions", "has no questions"},
        {"traces/questions.jsonl --model-profile gpt", "no model profile 'gpt': there are llava-1.5-7b"},
        {"traces/shop.csv --plot '" + plot + "'", "out.svg cannot be written: No such file"},
        {"traces/shop.csv --plot '" + occupied + "'", "is a folder; name a file"}}) {
    const Ran ran = run("replay " + words);
    EXPECT_EQ(ran.exit_code, 1) << words << "\n" << ran.err;
    EXPECT_TRUE(ran.err.starts_with("fovea: ") && ran.err.contains(why)) << words << "\n" << ran.err;
    EXPECT_EQ(ran.out, "") << "what cannot work is said before the replay: " << words;
  }
  EXPECT_NE(run("replay - ", folder.string()).exit_code, 0) << "a folder as standard input";
}

// 200 MB without an end of line: refused after a look, not after filling memory.
TEST_F(Replay, AnEndlessLineIsRefused) {
  const std::string line = folder / "line.csv";
  file("line.csv", "key,size\n");
  std::filesystem::resize_file(line, 200'000'000);
  EXPECT_EQ(run("replay " + line + " --format jsonl").exit_code, 1);
  const Ran ran = run("replay " + line + " --format csv");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(ran.err.contains("line.csv:2: a line of more than 64.0 KiB; is this a trace?")) << ran.err;
}

TEST_F(Replay, AFullDiskIsNoSuccess) {
  const Ran ran = run("replay traces/shop.csv", "/dev/null", "/dev/full");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(ran.err.contains("cannot be written: No space left")) << ran.err;
}

// A trace without an end, interrupted while it is read: when more has been written than a pipe holds, the
// program runs.
TEST_F(Replay, AnInterruptEndsIt) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[0], STDIN_FILENO);
    ::execl(FOVEA_PROGRAM, "fovea", "replay", "-", nullptr);
    ::_exit(127);
  }
  ::close(ends[0]);
  std::string trace = "key,size\n";
  while (trace.size() < (2 << 20)) trace += "a,1\n";
  std::size_t written = 0;
  while (written < trace.size()) {
    const ssize_t some = ::write(ends[1], trace.data() + written, trace.size() - written);
    ASSERT_GT(some, 0);
    written += static_cast<std::size_t>(some);
  }
  ::kill(child, SIGINT);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << status;
  ::close(ends[1]);
}

}  // namespace
}  // namespace fovea
