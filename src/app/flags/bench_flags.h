// The flags of `fovea bench`, and how they are added to the command line. A plain value.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "app/flags/cache_flags.h"
#include "app/flags/model_flags.h"
#include "bench/bench_page.h"

namespace fovea::app {

struct BenchFlags {
  std::vector<std::string> scenarios = {"paper"};
  std::string report;
  bool no_run = false;
  bool json = false;

  // The targets.
  std::string levels;
  std::vector<std::string> urls;  // NAME=URL
  std::string url_key_env;
  std::string url_model;
  std::uint32_t baseline_every = 1;
  std::string restart_command;

  // The load.
  std::string seeds = "42,123,456";
  std::uint32_t requests = 0;  // 0 = the scenario's
  std::int32_t max_tokens = 0;
  std::string size;
  std::string pictures;
  std::string questions;

  // The method.
  std::uint32_t clients = 1;
  double rate = 0;
  std::string arrivals;
  std::uint32_t passes = 2;
  std::string note;

  BenchPrices prices;
  ModelFlags model;
  CacheFlags cache;
};

void add_bench_flags(CLI::App& bench, BenchFlags& flags);

}  // namespace fovea::app
