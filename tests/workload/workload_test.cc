// Recipes: which are refused and why, and the properties of the traces that are made from them.
#include "workload/workload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <format>
#include <fstream>
#include <map>
#include <set>

#include "trace/hostile_bytes.h"

namespace fovea {
namespace {

// A workload without anything special, to be varied.
Workload plain(std::uint32_t requests, std::uint32_t images) {
  return {.name = "plain",
          .requests = requests,
          .images = images,
          .questions = 1'000'000,
          .repeat = 0,
          .same_image = 0,
          .zipf = 0};
}

// One request of a generated trace: a response, and its picture's embedding.
struct Asked {
  std::uint32_t picture, response;
};

std::vector<Asked> asked(const Trace& trace) {
  std::vector<Asked> requests;
  for (std::size_t i = 0; i < trace.lookups.size(); i += 2)
    requests.push_back({trace.lookups[i + 1].key, trace.lookups[i].key});
  return requests;
}

std::vector<Asked> asked(const Workload& workload, std::uint64_t seed = 1) {
  return asked(generate_trace(workload, seed));
}

// The number of requests for each picture, the most popular first.
std::vector<int> popularity(const std::vector<Asked>& requests) {
  std::map<std::uint32_t, int> counts;
  for (const Asked& request : requests) ++counts[request.picture];
  std::vector<int> sorted;
  for (const auto& [picture, count] : counts) sorted.push_back(count);
  std::ranges::sort(sorted, std::greater());
  return sorted;
}

// The share of requests of which `key` came before.
template <typename Key>
double share_seen(const std::vector<Asked>& requests, Key key) {
  std::set<std::uint32_t> seen;
  int again = 0;
  for (const Asked& request : requests) again += !seen.insert(request.*key).second;
  return static_cast<double>(again) / static_cast<double>(requests.size());
}

std::string fault_of(std::string_view json) {
  const auto workload = parse_workload(json);
  return workload ? "" : workload.error().message;
}

TEST(ParseWorkload, EveryFieldIsRead) {
  const auto workload = parse_workload(R"({"name": "n", "about": "a", "requests": 1, "images": 2, "questions": 3,
      "repeat": 0.1, "same_image": 0.2, "zipf": 0.3, "drift_every": 4, "drift_share": 0.4, "burst_chance": 0.5,
      "burst_length": 6, "burst_pace": 0.7, "scan_every": 8, "scan_length": 9, "rounds": true, "round_change": 0.9,
      "importance_correlation": -0.5, "models": [{"share": 2, "embedding_bytes": 10, "response_bytes": 11,
      "encode_ms": 12, "generate_ms": 13, "picture_spread": 1.5}, {"embedding_bytes": 5}]})");
  ASSERT_TRUE(workload) << workload.error().message;
  const Workload& w = *workload;
  EXPECT_EQ(w.name + w.about, "na");
  EXPECT_EQ(std::tie(w.requests, w.images, w.questions), std::tuple(1u, 2u, 3u));
  EXPECT_EQ(std::tie(w.repeat, w.same_image, w.zipf), std::tuple(0.1, 0.2, 0.3));
  EXPECT_EQ(std::tie(w.drift_every, w.drift_share), std::tuple(4u, 0.4));
  EXPECT_EQ(std::tie(w.burst_chance, w.burst_length, w.burst_pace), std::tuple(0.5, 6u, 0.7));
  EXPECT_EQ(std::tie(w.scan_every, w.scan_length), std::tuple(8u, 9u));
  EXPECT_EQ(std::tie(w.rounds, w.round_change, w.importance_correlation), std::tuple(true, 0.9, -0.5));
  ASSERT_EQ(w.models.size(), 2u);
  const WorkloadModel& m = w.models[0];
  EXPECT_EQ(std::tie(m.share, m.embedding_bytes, m.response_bytes), std::tuple(2.0, 10u, 11u));
  EXPECT_EQ(std::tie(m.encode_ms, m.generate_ms, m.picture_spread), std::tuple(12.0, 13.0, 1.5));
  EXPECT_EQ(w.models[1].share, 1) << "what is left out is as the header says";
}

TEST(ParseWorkload, OnlyTheNameMustBeThere) {
  const auto workload = parse_workload(R"({"name": "n"})");
  ASSERT_TRUE(workload);
  EXPECT_EQ(workload->requests, Workload().requests);
  EXPECT_EQ(workload->models.size(), 1u);
  EXPECT_TRUE(fault_of("{}").contains("\"name\" is missing"));
}

TEST(ParseWorkload, WhatIsNoRecipeIsRefused) {
  EXPECT_TRUE(fault_of(R"({"name": "n", "picturs": 3})").contains("picturs"));
  EXPECT_TRUE(fault_of(R"({"name": "n", "models": [{"bytes": 3}]})").contains("bytes"));
  EXPECT_TRUE(fault_of(R"({"name": "n"} and more)").contains("not a workload"));
  for (const char* text : {"", "[]", "null", "{\"name\": \"n\"", "{\"name\": 3}", "\x01\x02"})
    EXPECT_TRUE(fault_of(text).contains("samples/workloads")) << text;
  EXPECT_NE(fault_of(R"({"name": "n", "models": )" + std::string(100'000, '[')), "");
  // A view need not end in a zero byte, nor may anything behind it be read.
  EXPECT_TRUE(parse_workload(std::string_view(R"({"name": "n"},,,)").substr(0, 13)));
}

// Each of these is one field with a value that would take too much time or memory, or makes no sense.
TEST(ParseWorkload, AbsurdNumbersAreRefusedInASentence) {
  for (const auto& [field, why] :
       {std::pair{R"("requests": 0)", "\"requests\""},
        {R"("requests": 20000001)", "\"requests\""},
        {R"("images": 0)", "\"images\""},
        {R"("images": 10000001)", "\"images\""},
        {R"("questions": 0)", "\"questions\""},
        {R"("questions": 1000001)", "\"questions\""},
        {R"("repeat": -0.1)", "\"repeat\""},
        {R"("repeat": 0.7, "same_image": 0.7)", "\"repeat\""},
        {R"("same_image": 1.1, "repeat": 0)", "\"same_image\""},
        {R"("zipf": -1)", "\"zipf\""},
        {R"("zipf": 11)", "\"zipf\""},
        {R"("drift_share": 2)", "\"drift_share\""},
        {R"("burst_chance": -1)", "\"burst_chance\""},
        {R"("round_change": 7)", "\"round_change\""},
        {R"("burst_pace": 0)", "\"burst_pace\""},
        {R"("burst_length": 0)", "\"burst_length\""},
        {R"("burst_length": 4294967295)", "\"burst_length\""},
        {R"("scan_length": 4294967295)", "\"scan_length\""},
        {R"("importance_correlation": -1.5)", "\"importance_correlation\""},
        {R"("requests": 20000000, "images": 10000000, "drift_every": 1, "drift_share": 1)", "\"drift_every\""},
        {R"("models": [{"share": 0}])", "\"models\""},
        {R"("models": [{"share": -1}])", "\"models\""},
        {R"("models": [{"embedding_bytes": 0}])", "\"models\""},
        {R"("models": [{"response_bytes": 3}])", "\"models\""},
        {R"("models": [{"embedding_bytes": 1073741825}])", "\"models\""},
        {R"("models": [{"response_bytes": 1073741825}])", "\"models\""},
        {R"("models": [{"encode_ms": -1}])", "\"models\""},
        {R"("models": [{"generate_ms": 1e300}])", "\"models\""},
        {R"("models": [{"picture_spread": 100}])", "\"models\""}}) {
    const std::string fault = fault_of(std::format(R"({{"name": "n", {}}})", field));
    EXPECT_TRUE(fault.starts_with("workload: ") && fault.contains(why)) << field << "\n" << fault;
  }
}

// Numbers that no field can hold.
TEST(ParseWorkload, NumbersThatAreNoneAreRefused) {
  for (const char* field :
       {R"("zipf": NaN)", R"("zipf": nan)", R"("zipf": 1e999)", R"("zipf": Infinity)", R"("zipf": "1")",
        R"("requests": -1)", R"("requests": 1e30)", R"("requests": 4294967296)", R"("requests": 2.5)",
        R"("models": [{"embedding_bytes": 18446744073709551616}])", R"("models": [{"encode_ms": NaN}])"})
    EXPECT_NE(fault_of(std::format(R"({{"name": "n", {}}})", field)), "") << field;
}

TEST(ReadWorkload, FaultsBeginWithTheFile) {
  const auto missing = read_workload("/nonexistent/recipe.json");
  EXPECT_EQ(missing.error().fault, Fault::not_found);
  const auto folder = read_workload(FOVEA_SOURCE_DIR "/samples");
  EXPECT_TRUE(folder.error().message.contains("is a folder")) << folder.error().message;
  TraceSource large = TraceSource::of(std::string((1 << 20) + 1, ' '), "recipe");
  EXPECT_EQ(read_workload(large).error().fault, Fault::too_large);
  TraceSource wrong = TraceSource::of("{}", "recipe");
  EXPECT_TRUE(read_workload(wrong).error().message.starts_with("recipe: workload: "));
}

TEST(ReadWorkload, EveryBundledRecipeGeneratesWhatItSays) {
  int recipes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/samples/workloads")) {
    const auto workload = read_workload(entry.path().string());
    ASSERT_TRUE(workload) << workload.error().message;
    EXPECT_EQ(workload->name, entry.path().stem());
    EXPECT_NE(workload->about, "") << workload->name;
    const Trace trace = generate_trace(*workload, 1);
    EXPECT_EQ(trace.name, workload->name);
    EXPECT_EQ(trace.lookups.size(), 2 * workload->requests);
    check_sound(trace);
    ++recipes;
  }
  EXPECT_GE(recipes, 8);
}

TEST(GenerateTrace, ARequestIsAResponseAndItsPicture) {
  const Trace trace = generate_trace({.name = "n", .requests = 500}, 1);
  std::set<std::uint32_t> keys;
  for (std::uint32_t i = 0; i < 500; ++i) {
    const Lookup& response = trace.lookups[2 * i];
    const Lookup& embedding = trace.lookups[2 * i + 1];
    ASSERT_EQ(response.level, TraceLevel::response);
    ASSERT_EQ(embedding.level, TraceLevel::embedding);
    ASSERT_EQ(response.related, embedding.key);
    ASSERT_EQ(response.request, i);
    ASSERT_EQ(embedding.request, i);
    keys.insert({response.key, embedding.key});
  }
  EXPECT_EQ(keys.size(), trace.keys) << "dense: each number is used";
}

bool same(const Trace& a, const Trace& b) {
  return std::ranges::equal(a.lookups, b.lookups, [](const Lookup& x, const Lookup& y) {
    return x.key == y.key && x.size == y.size && x.cost_ms == y.cost_ms && x.importance == y.importance;
  });
}

TEST(GenerateTrace, ASeedGivesOneTrace) {
  for (const char* recipe : {"chat", "drift", "scans", "mixed-sizes", "surveillance"}) {
    auto workload = read_workload(std::format(FOVEA_SOURCE_DIR "/samples/workloads/{}.json", recipe));
    ASSERT_TRUE(workload);
    workload->requests = 2000;
    const Trace trace = generate_trace(*workload, 7);
    EXPECT_TRUE(same(trace, generate_trace(*workload, 7))) << recipe;
    EXPECT_FALSE(same(trace, generate_trace(*workload, 8))) << recipe;
  }
}

// With so many pictures and questions, nothing comes twice but by `repeat`.
// bench/policies/drift.py replays longer and longer beginnings of one run.
TEST(GenerateTrace, AShorterTraceIsTheBeginningOfALongerOne) {
  for (const char* recipe : {"chat", "drift", "scans", "mixed-sizes", "surveillance", "bursts"}) {
    auto workload = read_workload(std::format("{}/samples/workloads/{}.json", FOVEA_SOURCE_DIR, recipe));
    ASSERT_TRUE(workload);
    workload->requests = 5000;
    const Trace longer = generate_trace(*workload, 7);
    workload->requests = 3000;
    const Trace shorter = generate_trace(*workload, 7);
    ASSERT_LT(shorter.lookups.size(), longer.lookups.size()) << recipe;
    const auto facts = [](const Lookup& lookup) {
      return std::tuple(lookup.key, lookup.request, lookup.related, lookup.importance, lookup.time_ms, lookup.cost_ms,
                        lookup.size, lookup.level);
    };
    for (std::size_t i = 0; i < shorter.lookups.size(); ++i)
      ASSERT_EQ(facts(shorter.lookups[i]), facts(longer.lookups[i])) << recipe << ", look-up " << i;
  }
}

TEST(GenerateTrace, ExactRepeatsComeAsOftenAsAskedFor) {
  for (const double repeat : {0.0, 0.3, 0.8}) {
    Workload workload = plain(20'000, 200'000);
    workload.repeat = repeat;
    EXPECT_NEAR(share_seen(asked(workload), &Asked::response), repeat, 0.01);
  }
}

// Many questions per picture, so that repeats come from `repeat` only; popular pictures, so that a known one
// is found.
TEST(GenerateTrace, SeenPicturesComeAtLeastAsOftenAsAskedFor) {
  for (const double same_image : {0.0, 0.4, 0.7}) {
    Workload workload = plain(20'000, 2000);
    workload.repeat = 0.3;
    workload.same_image = same_image;
    workload.zipf = 1.2;
    const std::vector<Asked> requests = asked(workload);
    const double repeats = share_seen(requests, &Asked::response);
    EXPECT_NEAR(repeats, 0.3, 0.02);
    EXPECT_GE(share_seen(requests, &Asked::picture) - repeats, same_image - 0.02);
  }
}

TEST(GenerateTrace, AskingForSeenPicturesFindsMoreOfThem) {
  Workload workload = plain(3000, 3000);
  workload.zipf = 0.8;
  const double drawn = share_seen(asked(workload), &Asked::picture);
  workload.same_image = 1;
  EXPECT_GT(share_seen(asked(workload), &Asked::picture), drawn + 0.1);
}

TEST(GenerateTrace, PopularityFollowsZipf) {
  for (const double zipf : {0.7, 1.0, 1.3}) {
    Workload workload = plain(200'000, 1000);
    workload.zipf = zipf;
    const std::vector<int> counts = popularity(asked(workload));
    const double slope = std::log(static_cast<double>(counts[49]) / counts[0]) / std::log(50.0);
    EXPECT_NEAR(slope, -zipf, 0.05);
  }
  const std::vector<int> even = popularity(asked(plain(200'000, 100)));
  EXPECT_LT(even.front(), 1.15 * even.back()) << "zipf 0: all alike";
}

TEST(GenerateTrace, ABurstIsANewPictureForAWhile) {
  Workload workload = plain(20'000, 10);
  workload.burst_chance = 0.1;
  workload.burst_length = 6;
  workload.burst_pace = 0.6;
  std::map<std::uint32_t, std::vector<int>> when;
  const std::vector<Asked> requests = asked(workload);
  for (int i = 0; i < std::ssize(requests); ++i) when[requests[static_cast<std::size_t>(i)].picture].push_back(i);
  int bursts = 0;
  double lookups = 0;
  for (const auto& [picture, times] : when) {
    if (times.size() > 9) continue;  // a standing picture
    ++bursts;
    lookups += static_cast<double>(times.size());
  }
  EXPECT_GE(std::ssize(when) - bursts, 10) << "the standing pictures are asked about far more often";
  EXPECT_LE(std::ssize(when) - bursts, 10) << "half to one and a half times the length, no more";
  EXPECT_NEAR(bursts, 2000, 150);
  EXPECT_NEAR(lookups / bursts, 6, 0.3);
}

TEST(GenerateTrace, AScanIsNewPicturesThatNobodyAsksAboutAgain) {
  Workload workload = plain(10'000, 10);
  workload.scan_every = 500;
  workload.scan_length = 100;
  const std::vector<Asked> requests = asked(workload);
  std::map<std::uint32_t, int> counts;
  for (const Asked& request : requests) ++counts[request.picture];
  for (std::size_t i = 0; i < requests.size(); ++i)
    ASSERT_EQ(counts[requests[i].picture] == 1, i % 500 < 100) << "request " << i;
}

TEST(GenerateTrace, RoundsVisitThePicturesInTurn) {
  Workload workload = plain(1000, 20);
  workload.rounds = true;
  const std::vector<Asked> requests = asked(workload);
  for (std::size_t i = 20; i < requests.size(); ++i) ASSERT_EQ(requests[i].picture, requests[i - 20].picture);
  workload.requests = 20'000;
  workload.round_change = 0.05;
  EXPECT_NEAR(1 - share_seen(asked(workload), &Asked::picture), 0.05, 0.01) << "one in twenty is new";
}

// How many of the 20 pictures that are most popular in the first half are so in the second, too.
int favourites_kept(const Workload& workload) {
  const std::vector<Asked> requests = asked(workload);
  const auto favourites = [](std::span<const Asked> part) {
    std::map<std::uint32_t, int> counts;
    for (const Asked& request : part) ++counts[request.picture];
    std::vector<std::pair<int, std::uint32_t>> sorted;
    for (const auto& [picture, count] : counts) sorted.emplace_back(-count, picture);
    std::ranges::sort(sorted);
    std::set<std::uint32_t> first;
    for (std::size_t i = 0; i < 20; ++i) first.insert(sorted[i].second);
    return first;
  };
  const std::size_t half = requests.size() / 2;
  const auto before = favourites(std::span(requests).first(half));
  const auto after = favourites(std::span(requests).subspan(half));
  return static_cast<int>(
      std::ranges::count_if(before, [&](std::uint32_t picture) { return after.contains(picture); }));
}

TEST(GenerateTrace, DriftChangesTheFavourites) {
  Workload workload = plain(20'000, 1000);
  workload.zipf = 1.1;
  EXPECT_GE(favourites_kept(workload), 17);
  workload.drift_every = 10'000;
  workload.drift_share = 1;
  EXPECT_LE(favourites_kept(workload), 8) << "each changed places once, about";
}

TEST(GenerateTrace, SizesAndCostsAreAsGiven) {
  Workload workload = plain(20'000, 50);
  workload.models = {{.share = 3, .embedding_bytes = 1000, .response_bytes = 400, .encode_ms = 10, .generate_ms = 8},
                     {.share = 1, .embedding_bytes = 9000, .response_bytes = 4000, .encode_ms = 90, .generate_ms = 80}};
  workload.images = 5000;
  int small = 0;
  const Trace trace = generate_trace(workload, 1);
  for (std::size_t i = 0; i < trace.lookups.size(); i += 2) {
    const Lookup& response = trace.lookups[i];
    const Lookup& embedding = trace.lookups[i + 1];
    const WorkloadModel& model = workload.models[embedding.size == 1000 ? 0 : 1];
    small += embedding.size == 1000;
    ASSERT_EQ(embedding.size, model.embedding_bytes);
    ASSERT_EQ(embedding.cost_ms, model.encode_ms);
    ASSERT_GE(response.size, model.response_bytes / 4);
    ASSERT_LE(response.size, model.response_bytes * 4);
    const double length = (response.cost_ms - model.encode_ms) / model.generate_ms;
    ASSERT_NEAR(static_cast<double>(response.size), static_cast<double>(model.response_bytes) * length, 1);
  }
  EXPECT_NEAR(small / 20'000.0, 0.75, 0.02) << "models by their shares";
}

TEST(GenerateTrace, PicturesVaryWithinTheirSpread) {
  Workload workload = plain(5000, 5000);
  workload.models[0] = {.embedding_bytes = 1 << 20, .encode_ms = 1 << 10, .picture_spread = 2};
  std::uint64_t least = UINT64_MAX, most = 0;
  const Trace trace = generate_trace(workload, 1);
  for (const Lookup& lookup : trace.lookups) {
    if (lookup.level != TraceLevel::embedding) continue;
    least = std::min(least, lookup.size);
    most = std::max(most, lookup.size);
    ASSERT_NEAR(static_cast<double>(lookup.size) / lookup.cost_ms, 1024, 1) << "bytes and cost alike";
  }
  EXPECT_NEAR(static_cast<double>(least), 1 << 18, 1 << 14);
  EXPECT_NEAR(static_cast<double>(most), 1 << 22, 1 << 18);
}

// Spearman's correlation between how often a picture is asked about and how important it is said to be.
double rank_correlation(double asked_for) {
  Workload workload = plain(200'000, 300);
  workload.zipf = 0.8;
  workload.importance_correlation = asked_for;
  std::map<std::uint32_t, std::pair<int, float>> pictures;
  const Trace trace = generate_trace(workload, 5);
  for (const Lookup& lookup : trace.lookups) {
    if (lookup.level != TraceLevel::embedding) continue;
    ++pictures[lookup.key].first;
    pictures[lookup.key].second = lookup.importance;
  }
  std::vector<std::pair<int, float>> facts;
  for (const auto& [key, fact] : pictures) facts.push_back(fact);
  double squares = 0;
  for (const auto& fact : facts) {
    const auto below = [&](auto part) {
      return std::ranges::count_if(facts, [&](const auto& other) { return other.*part < fact.*part; });
    };
    const auto apart =
        static_cast<double>(below(&std::pair<int, float>::first) - below(&std::pair<int, float>::second));
    squares += apart * apart;
  }
  const auto n = static_cast<double>(facts.size());
  return 1 - 6 * squares / (n * (n * n - 1));
}

TEST(GenerateTrace, ImportanceTellsPopularityAsWellAsAskedFor) {
  for (const double asked_for : {-1.0, -0.6, 0.0, 0.6, 1.0}) EXPECT_NEAR(rank_correlation(asked_for), asked_for, 0.12);
}

// The most that a recipe may ask for of each kind stays within seconds and the bounds that traces have.
TEST(GenerateTrace, ExtremeRecipesStaySound) {
  Workload workload = plain(5000, 5000);
  workload.zipf = 10;
  workload.drift_every = 1;
  workload.drift_share = 0.02;
  workload.burst_chance = 0.5;
  workload.burst_length = 20'000'000;
  workload.scan_every = 4999;
  workload.scan_length = 20'000'000;
  workload.models[0] = {
      .embedding_bytes = 1 << 30, .response_bytes = 1 << 30, .encode_ms = 1e9, .generate_ms = 1e9, .picture_spread = 6};
  check_sound(generate_trace(workload, UINT64_MAX));
  EXPECT_EQ(asked(plain(1, 1)).size(), 1u);
}

}  // namespace
}  // namespace fovea
