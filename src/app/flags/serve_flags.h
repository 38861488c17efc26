// ServeFlags: the flags of fovea serve, as they are on the command line. app/server/server_settings.h checks
// what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/flags/cache_flags.h"
#include "app/flags/model_flags.h"
#include "app/flags/tier_flags.h"
#include "engine/engine.h"
#include "serve/http/http_server.h"

namespace fovea::app {

struct ServeFlags {
  ModelFlags model{.parallel = 4};
  CacheFlags cache;
  TierFlags tiers;
  GenerateOptions generate{.temperature = 1, .max_tokens = 1024};
  serve::HttpServerOptions http;
  std::string alias;
  std::string modelled;  // a profile, whose times stand for a model's
  std::string upstream;
  std::string upstream_key_env;
  std::string route_header;
  std::vector<std::string> image_hosts;
  std::string keys;
  bool insecure = false;
  std::string tls_cert;
  std::string tls_key;
  std::string image_order = "as-sent";
  std::string prefetch = "on";
  std::string frames = "exact";
  std::uint32_t frames_exact_every = 30;
  std::string frames_memory = "256MiB";
  std::uint32_t requests_max = 64;
  double timeout_s = 600;
  double grace_s = 30;
  std::string body_max = "64MiB";
  std::string body_memory = "1GiB";
  std::string picture_max = "32MiB";
  std::uint32_t video_frames = 32;  // of one video
  std::string files_size = "256MiB";
  double files_ttl_s = 24 * 3600;
  std::string responses_size = "64MiB";
  double responses_ttl_s = 24 * 3600;
  bool store_responses = false;
  bool attention = false;
  std::string profile;
  std::string log;
  std::string audit;  // a folder
  std::string audit_size = "1GiB";
  std::string log_format = "text";
  std::string log_level = "info";
  std::string config;  // read by with_settings_file
  bool print_config = false;
  bool hash_key = false;
};

// Adds all of them to the verb. Each but --config, --print-config and --hash-key is also a line of the
// --config file, and a variable of the environment: --max-requests is max-requests and FOVEA_MAX_REQUESTS.
// `flags` must outlive `serve`.
void add_serve_flags(CLI::App& serve, ServeFlags& flags);

}  // namespace fovea::app
