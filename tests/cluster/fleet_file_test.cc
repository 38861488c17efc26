// Fleets as people write them: what a file says is in the fleet, what it leaves out has its default, and what
// is wrong is named.
#include "cluster/fleet_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <format>
#include <fstream>
#include <random>
#include <string>
#include <utility>

#include "base/scratch_folder.h"
#include "cluster/fleet_names.h"
#include "profile/example_profile.h"
#include "profile/profile_file.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

class FleetFile : public testing::Test {
 protected:
  FleetFile() {
    fs::create_directories(samples() / "devices");
    fs::create_directories(samples() / "workloads");
    EXPECT_TRUE(write_profile(test::example_profile(), samples() / "devices" / "box.json"));
    Profile other = test::example_profile();
    other.tiers.clear();
    other.models = {test::example_model("other"), test::example_model("third")};
    EXPECT_TRUE(write_profile(other, folder_.path() / "own.json"));
    std::ofstream(samples() / "workloads" / "shop.json") << R"({"name": "shop", "requests": 500, "images": 20})";
  }

  fs::path samples() const { return folder_.path() / "samples"; }
  Result<Fleet> parse(const std::string& json, const FleetChanges& changes = {}) const {
    return parse_fleet(json, "test", {.own = folder_.path(), .samples = samples()}, changes);
  }
  // A fleet with these fields besides its name, and those that it needs where they are not given.
  Result<Fleet> fleet_with(const std::string& fields, const FleetChanges& changes = {}) const {
    std::string json = R"({"name": "f")";
    if (!fields.contains("\"nodes\""))
      json += R"(, "nodes": [{"name": "n", "device": "box", "count": 2, "rack": "r"}])";
    if (!fields.contains("\"load\"")) json += R"(, "load": {"workload": "shop"})";
    return parse(json + (fields.empty() ? "" : ", ") + fields + "}", changes);
  }

  // What is said of a fleet with these fields.
  std::string fault_of(const std::string& fields, const FleetChanges& changes = {}) const {
    const auto fleet = fleet_with(fields, changes);
    return fleet ? "no fault" : fleet.error().message;
  }

  ScratchFolder folder_ = ScratchFolder::make("fovea-fleet-file-test").value();
};

TEST_F(FleetFile, WhatIsLeftOutHasItsDefault) {
  const auto fleet = fleet_with("");
  ASSERT_TRUE(fleet) << fleet.error().message;
  const Fleet usual;
  EXPECT_EQ(fleet->name, "f");
  EXPECT_FALSE(fleet->shared);
  EXPECT_EQ(fleet->routing, usual.routing);
  EXPECT_EQ(fleet->fetching, usual.fetching);
  EXPECT_EQ(fleet->weights, usual.weights);
  EXPECT_TRUE(fleet->levels.embedding && fleet->levels.prefix && fleet->levels.response);
  ASSERT_EQ(fleet->classes.size(), 1u);
  const NodeClass& node = fleet->classes[0];
  const NodeClass usual_node{};
  EXPECT_EQ(node.memory_bytes, usual_node.memory_bytes);
  EXPECT_EQ(node.requests_max, 64u) << "as fovea serve";
  EXPECT_EQ(fleet->load.named_by, NamedBy::picture);
  EXPECT_EQ(node.policy, usual_node.policy);
  EXPECT_EQ(node.disk_bytes, 0u);
  EXPECT_EQ(node.link.bytes_per_ms, usual_node.link.bytes_per_ms);
  EXPECT_EQ(node.link.latency_ms, usual_node.link.latency_ms);
  EXPECT_EQ(fleet->load.clients, usual.load.clients);
  EXPECT_EQ(fleet->load.seed, usual.load.seed);
  EXPECT_EQ(fleet->load.request_bytes, usual.load.request_bytes);
  EXPECT_EQ(fleet->load.workload.requests, 500u);
}

TEST_F(FleetFile, EveryFieldIsRead) {
  const auto fleet = parse(R"({
    "name": "all", "about": "Everything.",
    "nodes": [{"name": "a", "device": "box", "model": "example", "count": 3, "parallel": 4, "memory": "2GiB",
               "max_requests": 16, "policy": "lru", "disk": "10GiB", "link": {"mbit_per_s": 80, "latency_ms": 5}, "rack": "left"}],
    "shared": {"shards": 2, "memory": "8GiB", "link": {"mbit_per_s": 10000, "latency_ms": 0.2}, "wait_ms": 0.5},
    "routing": "bounded_hash", "bound": 1.25, "weights": "speed", "fetching": "always", "prefetch": true,
    "levels": ["embedding", "response"],
    "load": {"workload": {"name": "inline", "images": 7}, "requests": 90, "rate_per_s": 12.5, "seed": 9,
             "named_by": "session", "request_bytes": 1000, "answer_bytes": 20}})");
  ASSERT_TRUE(fleet) << fleet.error().message;
  EXPECT_EQ(fleet->about, "Everything.");
  const NodeClass& node = fleet->classes.at(0);
  EXPECT_EQ(std::pair(node.count, node.parallel), std::pair(3u, 4u));
  EXPECT_EQ(node.requests_max, 16u);
  EXPECT_EQ(node.times.name, "example");
  EXPECT_EQ(node.times.load.encode_once_ms, 4000);
  EXPECT_EQ(node.memory_bytes, 2ULL << 30);
  EXPECT_EQ(node.policy, PolicyKind::lru);
  EXPECT_EQ(node.disk_bytes, 10ULL << 30);
  EXPECT_EQ(std::pair(node.disk.wait_ms, node.disk.bytes_per_ms), std::pair(0.25, 500'000.0)) << "of the profile";
  EXPECT_EQ(std::pair(node.link.bytes_per_ms, node.link.latency_ms), std::pair(10'000.0, 5.0)) << "80 Mbit/s";
  EXPECT_EQ(node.rack, "left");
  ASSERT_TRUE(fleet->shared);
  EXPECT_EQ(std::pair(fleet->shared->shards, fleet->shared->bytes_max), std::pair(2u, 8ULL << 30));
  EXPECT_EQ(std::pair(fleet->shared->link.latency_ms, fleet->shared->wait_ms), std::pair(0.2, 0.5));
  EXPECT_EQ(fleet->routing, Routing::bounded_hash);
  EXPECT_EQ(fleet->bound, 1.25);
  EXPECT_EQ(fleet->weights, Weights::speed);
  EXPECT_EQ(fleet->fetching, Fetching::always);
  EXPECT_TRUE(fleet->prefetch);
  EXPECT_TRUE(fleet->levels.embedding && fleet->levels.response);
  EXPECT_FALSE(fleet->levels.prefix);
  EXPECT_EQ(fleet->load.named_by, NamedBy::session);
  EXPECT_EQ(fleet->load.workload.name, "inline");
  EXPECT_EQ(fleet->load.workload.requests, 90u);
  EXPECT_EQ(std::pair(fleet->load.clients, fleet->load.rate_per_s), std::pair(0u, 12.5));
  EXPECT_EQ(fleet->load.seed, 9u);
  EXPECT_EQ(fleet->load.request_bytes, 1000u);
  EXPECT_EQ(fleet->load.answer_bytes, 20u);
}

TEST_F(FleetFile, EventsFindTheirNodesAndComeByTime) {
  const auto fleet = fleet_with(R"(
    "nodes": [{"name": "a", "device": "box", "count": 2, "rack": "left"}, {"name": "b", "device": "box", "rack": "right"},
              {"name": "c", "device": "box", "count": 2, "rack": "left"}],
    "shared": {"shards": 3},
    "events": [{"kind": "rack_restarts", "at_s": 9, "until_s": 12, "rack": "left"},
               {"kind": "node_dies", "at_s": 1, "node": "b-1"},
               {"kind": "link_cut", "at_s": 2, "until_s": 3, "node": "c-2"},
               {"kind": "shard_lost", "at_s": 3, "shard": 3},
               {"kind": "viral", "at_s": 4, "until_s": 5, "share": 0.5},
               {"kind": "noisy_tenant", "at_s": 6, "until_s": 7, "rate_per_s": 8, "images": 40}])");
  ASSERT_TRUE(fleet) << fleet.error().message;
  const auto& events = fleet->events;
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(events[0].nodes, std::vector<std::uint32_t>{2});
  EXPECT_TRUE(std::isinf(events[0].until_s)) << "for good";
  EXPECT_EQ(events[1].nodes, std::vector<std::uint32_t>{4});
  EXPECT_EQ(events[2].shards, std::vector<std::uint32_t>{2});
  EXPECT_EQ(events[3].share, 0.5);
  EXPECT_EQ(events[4].kind, FleetEventKind::noisy_tenant);
  EXPECT_EQ(std::pair(events[4].rate_per_s, events[4].images), std::pair(8.0, 40u));
  EXPECT_EQ(events[5].nodes, (std::vector<std::uint32_t>{0, 1, 3, 4}));
  EXPECT_EQ(events[5].until_s, 12);
}

TEST_F(FleetFile, ASharedTierIsKnownBeforeItIsUsedWhereItWasProfiled) {
  const std::string nodes =
      R"("nodes": [{"name": "n", "device": "box", "link": {"mbit_per_s": 80, "latency_ms": 5}}], )";
  const auto unknown = fleet_with(nodes + R"("shared": {})");
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(unknown->classes[0].shared);
  const auto known =
      fleet_with(nodes + R"("shared": {"profiled": true, "wait_ms": 1, "link": {"mbit_per_s": 800, "latency_ms": 2}})");
  ASSERT_TRUE(known);
  ASSERT_TRUE(known->classes[0].shared);
  EXPECT_DOUBLE_EQ(known->classes[0].shared->wait_ms, 2 * (2 * (5 + 2) + 1));
  EXPECT_DOUBLE_EQ(known->classes[0].shared->bytes_per_ms, 10'000 * 0.955) << "the slower of the two links";
}

TEST_F(FleetFile, ADeviceIsANameOrAFile) {
  const auto fleet = fleet_with(R"("nodes": [{"name": "a", "device": "./own.json", "disk": "1GiB"},
                                             {"name": "b", "device": "own.json", "model": "third"},
                                             {"name": "c", "device": "box"}])");
  ASSERT_TRUE(fleet) << fleet.error().message;
  EXPECT_EQ(fleet->classes[0].times.name, "other") << "its first model";
  EXPECT_EQ(fleet->classes[1].times.name, "third");
  EXPECT_GT(fleet->classes[0].disk.bytes_per_ms, 0) << "that profile knows no disk";
  EXPECT_NE(fleet->classes[0].kernels, fleet->classes[1].kernels);
  EXPECT_NE(fleet->classes[0].kernels, fleet->classes[2].kernels);
}

TEST_F(FleetFile, DevicesOfOneFingerprintShareAndOthersWhereItIsSaid) {
  const std::string nodes = R"("nodes": [{"name": "a", "device": "box"}, {"name": "b", "device": "box"},
                                         {"name": "c", "device": "own.json"}])";
  const auto apart = fleet_with(nodes), together = fleet_with(nodes + R"(, "share_across_devices": true)");
  ASSERT_TRUE(apart && together);
  EXPECT_EQ(apart->classes[0].kernels, apart->classes[1].kernels);
  EXPECT_NE(apart->classes[0].kernels, apart->classes[2].kernels);
  EXPECT_EQ(together->classes[0].kernels, together->classes[2].kernels);
}

TEST_F(FleetFile, ChangesAreMadeBeforeAnythingIsResolved) {
  const std::string three =
      R"("nodes": [{"name": "a", "device": "box", "count": 6}, {"name": "b", "device": "box", "count": 3}],
    "load": {"workload": "shop", "clients": 18},
    "events": [{"kind": "node_dies", "at_s": 1, "node": "b-1"}])";
  const auto fleet = fleet_with(
      three, {.requests = 44, .seed = 5, .nodes = 90, .routing = Routing::round_robin, .fetching = Fetching::never});
  ASSERT_TRUE(fleet) << fleet.error().message;
  EXPECT_EQ(fleet->load.workload.requests, 44u);
  EXPECT_EQ(fleet->load.seed, 5u);
  EXPECT_EQ(fleet->routing, Routing::round_robin);
  EXPECT_EQ(fleet->fetching, Fetching::never);
  EXPECT_EQ(std::pair(fleet->classes[0].count, fleet->classes[1].count), std::pair(60u, 30u));
  EXPECT_EQ(fleet->load.clients, 180u);
  EXPECT_EQ(node_name(*fleet, fleet->events[0].nodes[0]), "b-1");
  for (const std::uint32_t nodes : {2u, 3u, 4u, 7u, 1000u}) {
    const auto sized = fleet_with(three, {.nodes = nodes});
    ASSERT_TRUE(sized) << nodes << sized.error().message;
    EXPECT_EQ(sized->nodes(), nodes);
    for (const NodeClass& of : sized->classes) EXPECT_GE(of.count, 1u) << nodes;
  }
  const auto rate = fleet_with(R"("load": {"workload": "shop", "rate_per_s": 10})", {.nodes = 20});
  ASSERT_TRUE(rate);
  EXPECT_EQ(rate->load.rate_per_s, 100);
  EXPECT_TRUE(fault_of(three, {.nodes = 1}).contains("2 to 4,096"));
  EXPECT_TRUE(fault_of(three, {.nodes = 5000}).contains("2 to 4,096"));
  EXPECT_TRUE(fault_of("", {.requests = 0}).contains("\"requests\""));
}

TEST_F(FleetFile, WhatIsWrongIsNamed) {
  const auto node = [](const std::string& fields) {
    return R"("nodes": [{"name": "n", "device": "box", )" + fields + "}]";
  };
  const auto load = [](const std::string& fields) { return R"("load": {"workload": "shop", )" + fields + "}"; };
  const auto event = [](const std::string& fields) {
    return R"("shared": {}, "events": [{"at_s": 1, )" + fields + "}]";
  };
  for (const auto& [fields, said] : {
           std::pair<std::string, std::string>{R"("colour": 1)", "unknown_key"},
           {R"("name": "g")" + std::string(", \"routing\": \"random\""), "none of hash, bounded_hash, round_robin"},
           {R"("fetching": "some")", "none of measured, always, never"},
           {R"("weights": "x")", "none of equal, speed"},
           {R"("bound": 0.5)", "\"bound\""},
           {R"("levels": ["pixels"])", "none of embedding, prefix, response"},
           {R"("nodes": [])", "1 to 64 classes"},
           {R"("nodes": [{"device": "box"}])", "\"name\""},
           {R"("nodes": [{"name": "a b", "device": "box"}])", "\"name\""},
           {R"("nodes": [{"name": "n"}])", "\"device\""},
           {R"("nodes": [{"name": "n", "device": "abacus"}])", "box"},
           {R"("nodes": [{"name": "n", "device": "box"}, {"name": "n", "device": "box"}])", "two of this name"},
           {R"("nodes": [{"name": "n", "device": "box", "count": 4096}, {"name": "m", "device": "box"}])", "4,096"},
           {node(R"("count": 0)"), "\"count\""},
           {node(R"("count": -1)"), "not a fleet"},
           {node(R"("parallel": 0)"), "\"parallel\""},
           {node(R"("max_requests": 0)"), "\"max_requests\""},
           {node(R"("memory": "much")"), "\"memory\""},
           {node(R"("disk": "-1GiB")"), "\"disk\""},
           {node(R"("policy": "best")"), "\"policy\""},
           {node(R"("model": "gpt")"), "has no model gpt"},
           {node(R"("link": {"mbit_per_s": 0})"), "mbit_per_s"},
           {node(R"("link": {"latency_ms": -1})"), "latency_ms"},
           {R"("shared": {"shards": 0})", "\"shards\""},
           {R"("shared": {"wait_ms": 1e9})", "\"wait_ms\""},
           {R"("shared": {"memory": ""})", "\"memory\""},
           {R"("load": {})", "\"workload\" is missing"},
           {R"("load": {"workload": "nothing"})", "shop"},
           {R"("load": {"workload": 7})", "workload"},
           {R"("load": {"workload": {"name": "w", "picturs": 3}})", "picturs"},
           {load(R"("requests": 0)"), "\"requests\""},
           {load(R"("clients": 0)"), "\"clients\""},
           {load(R"("clients": 2, "rate_per_s": 1)"), "leave out one"},
           {load(R"("rate_per_s": 0)"), "\"rate_per_s\""},
           {load(R"("named_by": "tenant")"), "none of picture, session"},
           {load(R"("request_bytes": 99999999999)"), "\"request_bytes\""},
           {event(R"("kind": "earthquake")"), "none of node_dies"},
           {R"("events": [{"kind": "node_dies", "node": "n-1"}])", "\"at_s\""},
           {event(R"("kind": "node_dies")"), "needs a \"node\""},
           {event(R"("kind": "node_dies", "node": "n-3")"), "\"n-3\""},
           {event(R"("kind": "node_dies", "node": "n-1", "rack": "r")"), "needs a \"node\""},
           {event(R"("kind": "node_dies", "node": "n-1", "until_s": 1)"), "\"until_s\""},
           {event(R"("kind": "node_dies", "node": "n-1", "share": 0.5)"), "\"share\""},
           {event(R"("kind": "rack_restarts", "rack": "q")"), "no node is in \"q\""},
           {event(R"("kind": "shard_lost", "shard": 2)"), "there are 1"},
           {event(R"("kind": "link_cut")"), "\"rack\" or a \"shard\""},
           {event(R"("kind": "viral", "share": 2)"), "\"share\""},
           {event(R"("kind": "viral")"), "\"share\""},
           {event(R"("kind": "viral", "share": 0.5, "node": "n-1")"), "no node"},
           {event(R"("kind": "noisy_tenant", "rate_per_s": 5)"), "\"until_s\""},
           {event(R"("kind": "noisy_tenant", "until_s": 5)"), "\"rate_per_s\""},
           {event(R"("kind": "noisy_tenant", "until_s": 1002, "rate_per_s": 10000)"), "10,000,000 requests"},
       }) {
    const std::string message = fault_of(fields);
    EXPECT_TRUE(message.contains(said)) << fields << "\n" << message;
    EXPECT_TRUE(message.starts_with("test: ")) << message;
  }
  EXPECT_TRUE(fault_of(R"("events": [{"kind": "shard_lost", "at_s": 1, "shard": 1}])").contains("there are 0"));
}

TEST_F(FleetFile, EventsOfOneNodeOrShardFollowOneAnother) {
  const auto with = [&](const std::string& events) {
    return fault_of(R"("nodes": [{"name": "n", "device": "box", "count": 2, "rack": "r"}], "shared": {}, "events": [)" +
                    events + "]");
  };
  const std::string dies = R"({"kind": "node_dies", "node": "n-1", "at_s": 10, "until_s": 20})";
  for (const char* other : {R"({"kind": "node_dies", "node": "n-1", "at_s": 15})",
                            R"({"kind": "rack_restarts", "rack": "r", "at_s": 5, "until_s": 12})",
                            R"({"kind": "link_cut", "node": "n-1", "at_s": 1})",
                            R"({"kind": "node_dies", "node": "n-1", "at_s": 20.000001, "until_s": 30})"})
    EXPECT_TRUE(with(dies + ", " + other).contains("concern the same node")) << other;
  EXPECT_TRUE(with(R"({"kind": "shard_lost", "shard": 1, "at_s": 1, "until_s": 9},)"
                   R"({"kind": "link_cut", "shard": 1, "at_s": 8, "until_s": 9})")
                  .contains("concern the same"));
  EXPECT_TRUE(fleet_with(R"("nodes": [{"name": "n", "device": "box", "count": 2}], "events": [)" + dies +
                         R"(, {"kind": "node_dies", "node": "n-2", "at_s": 15},)"
                         R"({"kind": "node_dies", "node": "n-1", "at_s": 1000}])"));
}

TEST_F(FleetFile, AFileOfItsOwnIsSeenFromItsFolder) {
  const fs::path path = folder_.path() / "fleet.json";
  std::ofstream(path)
      << R"({"name": "f", "nodes": [{"name": "n", "device": "own.json"}], "load": {"workload": "shop"}})";
  const auto fleet = read_fleet(path.string(), samples());
  ASSERT_TRUE(fleet) << fleet.error().message;
  const auto none = read_fleet((folder_.path() / "none.json").string(), samples());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::not_found);
  std::ofstream(path) << "{";
  const auto half = read_fleet(path.string(), samples());
  ASSERT_FALSE(half);
  EXPECT_TRUE(half.error().message.starts_with(path.string())) << half.error().message;
}

TEST_F(FleetFile, TheBundledOnesAreRight) {
  const fs::path bundled = fs::path(FOVEA_SOURCE_DIR) / "samples";
  int count = 0;
  for (const auto& entry : fs::directory_iterator(bundled / "fleets")) {
    const auto fleet = read_fleet(entry.path().string(), bundled);
    ASSERT_TRUE(fleet) << fleet.error().message;
    EXPECT_EQ(fleet->name, entry.path().stem().string());
    EXPECT_FALSE(fleet->about.empty()) << fleet->name;
    ++count;
  }
  EXPECT_GE(count, 10);
}

// Whatever is done to a file, it is read, or refused with a sentence.
TEST_F(FleetFile, DamagedFilesAreReadOrRefused) {
  const std::string whole =
      R"({"name":"f","nodes":[{"name":"n","device":"box","count":2,"link":{"mbit_per_s":1e3},"rack":"r"}],)"
      R"("shared":{"shards":2},"load":{"workload":{"name":"w","images":9},"clients":3},)"
      R"("events":[{"kind":"link_cut","at_s":1,"until_s":2,"rack":"r"}]})";
  ASSERT_TRUE(parse(whole));
  for (std::size_t end = 0; end < whole.size(); ++end) {
    const auto fleet = parse(whole.substr(0, end));
    EXPECT_FALSE(fleet) << "cut after " << end;
  }
  std::mt19937 dice(20);
  int refused = 0;
  constexpr int rounds = 600;
  for (int i = 0; i < rounds; ++i) {
    std::string changed = whole;
    for (auto times = 1 + (dice() % 3); times > 0; --times)
      changed[dice() % changed.size()] = static_cast<char>("0129e-.,:{}[]\"nx\0\xff"[dice() % 18]);
    const auto fleet = parse(changed);
    if (fleet) {
      EXPECT_GE(fleet->nodes(), 1u) << changed;
      continue;
    }
    ++refused;
    EXPECT_FALSE(fleet.error().message.empty()) << changed;
  }
  EXPECT_GT(refused, rounds / 2);
}

}  // namespace
}  // namespace fovea
