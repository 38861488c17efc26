#include "app/output/simulate_json.h"

#include <gtest/gtest.h>

#include <glaze/glaze.hpp>
#include <vector>

#include "cluster/report/example_study.h"

namespace fovea::app {
namespace {

using Json = glz::generic;

Json document_of(const std::vector<FleetStudy>& studies) {
  Json document;
  const std::string json = simulate_json(studies);
  EXPECT_TRUE(json.ends_with("}\n"));
  EXPECT_FALSE(glz::read_json(document, json)) << json;
  return document;
}

double number(const Json& object, const std::string& name) { return object[name].get<double>(); }

TEST(SimulateJson, SaysWhatTheOutcomeSays) {
  FleetStudy study = test::example_study(true);
  study.ways.back().way.fleet.events = {{.kind = FleetEventKind::node_dies, .at_s = 60, .nodes = {1}},
                                        {.kind = FleetEventKind::viral, .at_s = 80, .until_s = 100, .share = 0.5}};
  const Json document = document_of({study});
  const Json& fleet = document["fleets"][0];
  EXPECT_EQ(fleet["name"].get<std::string>(), "example");
  EXPECT_EQ(fleet["workload"].get<std::string>(), "asked");
  EXPECT_EQ(number(fleet, "nodes"), 2);
  const Json& way = fleet["ways"][1];
  EXPECT_EQ(way["name"].get<std::string>(), "hash, shared tier");
  EXPECT_EQ(way["routing"].get<std::string>(), "hash");
  EXPECT_EQ(way["fetching"].get<std::string>(), "measured");
  EXPECT_EQ(number(way, "shards"), 1);
  EXPECT_EQ(number(way, "requests"), 1200);
  EXPECT_EQ(number(way, "answered"), 1190);
  EXPECT_EQ(number(way, "failed"), 10);
  EXPECT_EQ(number(way["failures"], "node_died"), 10);
  EXPECT_EQ(number(way["times"], "mean_ms"), 1500);
  EXPECT_EQ(number(way["times"], "p99_ms"), 4500);
  EXPECT_EQ(way["found"].get<Json::object_t>().size(), ways) << "every way, also those that nobody went";
  EXPECT_EQ(number(way["found"]["encoded"], "count"), 595);
  EXPECT_EQ(number(way["levels"]["response"]["shared"], "skipped"), 200);
  EXPECT_EQ(number(way["shared"], "fetched_bytes"), 3 << 20);
  EXPECT_EQ(way["node_links"][1]["name"].get<std::string>(), "box-2");
  EXPECT_EQ(number(way["node_links"][1], "bytes_out"), 4000);
  EXPECT_EQ(number(way["prefetch"], "used"), 80);
  EXPECT_EQ(number(way["classes"][0], "weight"), 256);
  EXPECT_EQ(number(way["classes"][0], "encoder_busy"), 0.5);
  EXPECT_TRUE(fleet["ways"][0]["seconds"].get<Json::array_t>().empty()) << "without events";
  EXPECT_EQ(way["seconds"].get<Json::array_t>().size(), 120u);
  EXPECT_EQ(number(way["seconds"][7], "from_memory"), 8);
  const auto& events = way["events"].get<Json::array_t>();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0]["kind"].get<std::string>(), "node_dies");
  EXPECT_FALSE(events[0].contains("until_s")) << "for good";
  EXPECT_EQ(number(events[1], "until_s"), 100);
  EXPECT_EQ(number(events[1]["from_memory"], "before"), 0.8);
  EXPECT_EQ(number(events[1]["mean_ms"], "worst"), 100);
  EXPECT_EQ(number(events[1]["found"], "back_after_s"), 0);
  EXPECT_EQ(number(events[1], "requests"), 200);
}

TEST(SimulateJson, NamesOfAnyCharactersAreJson) {
  FleetStudy study = test::example_study();
  study.fleet.about = "\x01\t\"\\";
  EXPECT_EQ(document_of({study})["fleets"][0]["about"].get<std::string>(), "\x01\t\"\\");
}

TEST(SimulateJson, FleetsComeInTheirOrder) {
  FleetStudy first = test::example_study(), second = test::example_study();
  second.fleet.name = "second";
  const Json document = document_of({first, second});
  EXPECT_EQ(document["fleets"].get<Json::array_t>().size(), 2u);
  EXPECT_EQ(document["fleets"][1]["name"].get<std::string>(), "second");
}

}  // namespace
}  // namespace fovea::app
