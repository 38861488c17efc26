// A fleet's file as glaze reads it: texts and numbers, not yet checked. Sizes are texts such as "4GiB", as
// flags have them. Plain values; for fleet_file.cc and this folder.
#pragma once

#include <cstdint>
#include <glaze/glaze.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fovea/policy_kind.h"

namespace fovea::fleet_json {

struct Link {
  double mbit_per_s = 1000;
  double latency_ms = 0.1;
};

struct Nodes {
  std::string name, device, model;
  std::uint32_t count = 1, parallel = 1, max_requests = 64;
  std::string memory = "1GiB";
  std::string policy{to_string(default_policy)};
  std::string disk;
  Link link;
  std::string rack;
};

struct Shared {
  std::uint32_t shards = 1;
  std::string memory = "4GiB";
  Link link;
  double wait_ms = 0.05;
  bool profiled = false;
};

struct Load {
  glz::raw_json workload;
  std::optional<std::uint32_t> requests, clients;
  std::optional<double> rate_per_s;
  std::uint64_t seed = 1;
  std::string named_by = "picture";
  std::uint64_t request_bytes = 200'000, answer_bytes = 1'000;
};

struct Event {
  std::string kind;
  double at_s = -1;
  std::optional<double> until_s;
  std::string node, rack;
  std::optional<std::uint32_t> shard;
  std::optional<double> share, rate_per_s;
  std::optional<std::uint32_t> images;
};

struct Document {
  std::string name, about;
  std::vector<Nodes> nodes;
  std::optional<Shared> shared;
  std::string routing = "hash";
  double bound = 1.5;
  std::string weights = "equal";
  std::string fetching = "measured";
  bool prefetch = false;
  bool share_across_devices = false;
  std::optional<std::vector<std::string>> levels;
  Load load;
  std::vector<Event> events;
};

}  // namespace fovea::fleet_json
