// fovea serve: the OpenAI HTTP API in front of a model.
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <iostream>
#include <memory>
#include <print>
#include <string>
#include <thread>

#include "app/flags/cache_flags.h"
#include "app/flags/model_flags.h"
#include "app/server_log.h"
#include "app/server_signals.h"
#include "app/verbs.h"
#include "base/units.h"
#include "serve/service.h"

namespace fovea::app {

namespace {

constexpr std::uint32_t idle_margin_s = 15;  // a request that is given up still gets its reply
constexpr double idle_s_max = 1e6;           // eleven days

struct ServeFlags {
  ModelFlags model{.parallel = 4};
  CacheFlags cache;
  GenerateOptions generate{.temperature = 1, .max_tokens = 1024};
  serve::HttpServerOptions http;
  std::string alias;
  std::string upstream;
  std::string upstream_key_env;
  std::vector<std::string> image_hosts;
  std::string keys;
  bool insecure = false;
  std::string image_order = "as-sent";
  std::uint32_t requests_max = 64;
  double timeout_s = 600;
  double grace_s = 30;
  std::string body_max = "64MiB";
  std::string picture_max = "32MiB";
  std::string files_size = "256MiB";
  double files_ttl_s = 24 * 3600;
  bool attention = false;
  std::string log;
  std::string log_format = "text";
  std::string log_level = "info";
  std::string config;  // read by with_settings_file
  bool print_config = false;
  bool hash_key = false;
};

int failed(const Error& error) {
  std::println(stderr, "fovea: {}", error.message);
  return error.fault == Fault::invalid ? 2 : 1;
}

Result<std::uint64_t> size_of(const char* flag, const std::string& text) {
  auto bytes = parse_bytes(text);
  if (!bytes) return fail(Fault::invalid, std::format("{}: {}", flag, bytes.error().message));
  return bytes;
}

bool is_loopback(const std::string& host) { return host == "::1" || host.starts_with("127."); }

// Everything of the flags that may be wrong, before a model is loaded.
struct Settings {
  PipelineOptions pipeline;
  serve::ServiceOptions service;
  serve::HttpServerOptions http;
  std::unique_ptr<serve::Tenants> tenants;
  std::unique_ptr<RequestLog> log;
};

std::string model_name(const ServeFlags& flags) {
  if (!flags.alias.empty()) return flags.alias;
  return flags.model.model.empty() ? "fovea-tiny" : std::filesystem::path(flags.model.model).stem().string();
}

Result<void> read_sizes(const ServeFlags& flags, Settings& settings) {
  const std::pair<const char*, std::pair<const std::string*, std::uint64_t*>> sizes[] = {
      {"--max-body", {&flags.body_max, &settings.http.body_bytes_max}},
      {"--max-picture", {&flags.picture_max, &settings.service.rules.picture_bytes_max}},
      {"--files-size", {&flags.files_size, &settings.service.files.bytes_max}}};
  for (const auto& [flag, size] : sizes) {
    const auto bytes = size_of(flag, *size.first);
    if (!bytes) return std::unexpected(bytes.error());
    *size.second = *bytes;
  }
  const std::uint64_t picture_bytes_max = settings.service.rules.picture_bytes_max;
  settings.pipeline.decode_limits.source_bytes_max = picture_bytes_max;
  settings.service.decode_limits = settings.pipeline.decode_limits;
  settings.service.fetch.bytes_max = picture_bytes_max;
  return {};
}

Result<void> read_tenants(const ServeFlags& flags, Settings& settings) {
  if (!flags.keys.empty()) {
    auto opened = serve::Tenants::open(flags.keys);
    if (!opened) return std::unexpected(opened.error());
    settings.tenants = std::move(*opened);
    return {};
  }
  if (!is_loopback(settings.http.host) && !flags.insecure) {
    return fail(Fault::invalid,
                std::format("--host {}: others than this machine could ask, and no keys are asked for; give "
                            "--keys FILE, or --insecure if that is what you want",
                            flags.http.host));
  }
  settings.tenants = std::make_unique<serve::Tenants>();
  return {};
}

Result<Settings> settings_of(const ServeFlags& flags) {
  Settings settings;
  auto pipeline = pipeline_options(flags.cache);
  if (!pipeline) return std::unexpected(pipeline.error());
  settings.pipeline = *pipeline;
  const auto order = image_order_of(flags.image_order);
  if (!order) return fail(order.error().fault, "--image-order: " + order.error().message);
  settings.pipeline.image_order = *order;
  settings.pipeline.requests_max = flags.requests_max;
  settings.http = flags.http;
  if (flags.http.host == "localhost") settings.http.host = "127.0.0.1";
  settings.http.idle_s = static_cast<std::uint32_t>(std::min(flags.timeout_s, idle_s_max)) + idle_margin_s;
  // Those that compute, and enough besides that stored answers need not wait for them.
  settings.http.handler_threads = flags.requests_max + 2 * std::max(2U, std::thread::hardware_concurrency());
  settings.service = {.rules = {.defaults = flags.generate},
                      .files = {.ttl_s = flags.files_ttl_s},
                      .fetch = {.hosts = flags.image_hosts},
                      .model = model_name(flags),
                      .timeout_ms = flags.timeout_s * 1000,
                      .attention = flags.attention};
  if (auto read = read_sizes(flags, settings); !read) return std::unexpected(read.error());
  if (auto read = read_tenants(flags, settings); !read) return std::unexpected(read.error());
  if (!flags.log.empty()) {
    auto log = RequestLog::open(flags.log);
    if (!log) return std::unexpected(log.error());
    settings.log = std::move(*log);
  }
  return settings;
}

// Reads a key from standard input and prints what stands for it in the file of keys.
int print_hash_of_key() {
  std::string key;
  if (!std::getline(std::cin, key) || key.empty()) {
    std::println(stderr, "fovea: no key on standard input; write  fovea serve --hash-key < FILE");
    return 2;
  }
  std::println("{}", serve::hash_of_key(key));
  return 0;
}

// Serves until a signal ends it.
int serve_until_stopped(const ServeFlags& flags, const Settings& settings, serve::Service& service,
                        ServerSignals& signals) {
  serve::HttpServer server(settings.http, service.routes());
  signals.watch(
      [&] {
        sd_notify(0, "STOPPING=1");
        spdlog::info("stopping");
        service.stop();
        server.stop(flags.grace_s * 1000);
      },
      [&] {
        if (const auto reloaded = service.reload_keys(); reloaded)
          spdlog::info("the keys were read again");
        else
          spdlog::error("{}; the old keys stay", reloaded.error().message);
      });
  const auto served = server.run([&](std::uint16_t port) {
    sd_notify(0, "READY=1");
    spdlog::info("{} at http://{}:{}", flags.upstream.empty() ? settings.service.model : flags.upstream,
                 settings.http.host.contains(':') ? '[' + settings.http.host + ']' : settings.http.host, port);
  });
  return served ? 0 : failed(served.error());
}

int serve_upstream(const ServeFlags& flags, Settings settings, ServerSignals& signals) {
  UpstreamOptions options{.url = flags.upstream};
  if (!flags.upstream_key_env.empty()) {
    const char* key = std::getenv(flags.upstream_key_env.c_str());
    if (key == nullptr || *key == '\0')
      return failed({Fault::invalid,
                     std::format("--upstream-key-env: there is no {} in the environment", flags.upstream_key_env)});
    options.key = key;
  }
  auto upstream = Upstream::open(options);
  if (!upstream) return failed({upstream.error().fault, "--upstream: " + upstream.error().message});
  Relay relay(**upstream,
              {.response_bytes_max = settings.pipeline.shared_bytes_max.value_or(settings.pipeline.response_bytes_max),
               .policy = settings.pipeline.policy,
               .decode_limits = settings.pipeline.decode_limits,
               .requests_max = settings.pipeline.requests_max});
  serve::Service service(**upstream, relay, {std::move(settings.tenants), std::move(settings.log)}, settings.service);
  return serve_until_stopped(flags, settings, service, signals);
}

int serve_model(const ServeFlags& flags, Settings settings, ServerSignals& signals) {
  ModelFlags model = flags.model;
  if (flags.attention) {
    model.attention_layers = "all";
    model.parallel = 1;
  }
  auto engine = open_engine(model);
  if (!engine) return failed(engine.error());
  Pipeline pipeline(**engine, settings.pipeline);
  serve::Service service(**engine, pipeline, {std::move(settings.tenants), std::move(settings.log)}, settings.service);
  return serve_until_stopped(flags, settings, service, signals);
}

int run(const ServeFlags& flags) {
  if (auto set_up = set_up_log(flags.log_format, flags.log_level); !set_up) return failed(set_up.error());
  auto settings = settings_of(flags);
  if (!settings) return failed(settings.error());
  ServerSignals signals;  // before any thread
  return flags.upstream.empty() ? serve_model(flags, std::move(*settings), signals)
                                : serve_upstream(flags, std::move(*settings), signals);
}

void add_server_flags(CLI::App& serve, ServeFlags& flags) {
  constexpr const char* group = "Server";
  serve.add_option("--host", flags.http.host, "The IP address to listen on")->capture_default_str()->group(group);
  serve.add_option("--port", flags.http.port, "The port; 0 = any that is free")->capture_default_str()->group(group);
  serve.add_option("--keys", flags.keys, "Who may ask: a TOML file with [tenants.NAME] and keys = [\"HASH\"]")
      ->type_name("FILE")
      ->group(group);
  serve.add_flag("--insecure", flags.insecure, "Let everybody ask who reaches --host")->group(group);
  auto* upstream =
      serve
          .add_option("--upstream", flags.upstream,
                      "Answer from another OpenAI-compatible server (http://host:8000/v1), and keep what it says")
          ->type_name("URL")
          ->excludes("--model")
          ->group(group);
  serve
      .add_option("--upstream-key-env", flags.upstream_key_env,
                  "The variable of the environment that holds its API key")
      ->type_name("NAME")
      ->needs(upstream)
      ->group(group);
  serve
      .add_option(
          "--image-hosts", flags.image_hosts,
          "Fetch pictures by address from these hosts: example.com, *.example.com, or * for any with a public address")
      ->type_name("HOST")
      ->delimiter(',')
      ->group(group);
  serve.add_option("--alias", flags.alias, "What replies call the model (default: its file's name)")
      ->type_name("NAME")
      ->group(group);
  serve
      .add_option("--parallel", flags.model.parallel,
                  "Requests that the decoder computes side by side; 1 = each as if alone, to the bit")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->group(group);
  serve
      .add_option("--max-requests", flags.requests_max,
                  "Requests that are computed or wait for it; more are told to come again")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->group(group);
  serve.add_option("--timeout", flags.timeout_s, "Seconds until a request is given up")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  serve.add_option("--grace", flags.grace_s, "Seconds that requests have to end when the server is asked to stop")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group(group);
  serve.add_option("--max-body", flags.body_max, "The largest request")
      ->type_name("SIZE")
      ->capture_default_str()
      ->group(group);
  serve.add_option("--max-picture", flags.picture_max, "The largest picture in one, as a file")
      ->type_name("SIZE")
      ->capture_default_str()
      ->group(group);
  serve.add_option("--files-size", flags.files_size, "Memory for uploaded pictures")
      ->type_name("SIZE")
      ->capture_default_str()
      ->group(group);
  serve.add_option("--files-ttl", flags.files_ttl_s, "Seconds until an uploaded picture goes")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
}

void add_answer_flags(CLI::App& serve, ServeFlags& flags) {
  constexpr const char* group = "Answers, where a request does not say";
  serve
      .add_option(
          "--temperature", flags.generate.temperature,
          "0 = always the likeliest token. OpenAI's default is 1, and such answers are drawn anew each time: they are\n"
          "stored only for requests that give a seed")
      ->check(CLI::Range(0.0, 5.0))
      ->capture_default_str()
      ->group(group);
  serve.add_option("--max-tokens", flags.generate.max_tokens, "The longest answer")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str()
      ->group(group);
  serve
      .add_option(
          "--image-order", flags.image_order,
          "first: a message's pictures are read before its text where they follow all of it, so that other questions\n"
          "about them begin the same; as-sent: where the client put them")
      ->capture_default_str()
      ->group(group);
}

void add_log_flags(CLI::App& serve, ServeFlags& flags) {
  constexpr const char* group = "Logs";
  serve
      .add_flag("--attention", flags.attention,
                "Watch what answers look at, for the dashboard and policies by importance; one request at a time is "
                "computed then")
      ->group(group);
  serve.add_option("--log", flags.log, "Append what was looked up to this file, for fovea replay: no content")
      ->type_name("FILE")
      ->group(group);
  serve.add_option("--log-format", flags.log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str()
      ->group(group);
  serve.add_option("--log-level", flags.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str()
      ->group(group);
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App& serve = *app.add_subcommand("serve", "Answer over HTTP, as OpenAI's API does");
  serve.footer(
      "  fovea serve                                            the bundled model, for this machine only\n"
      "  fovea serve -m model.gguf --mmproj mmproj.gguf --port 8000\n"
      "  fovea serve --upstream http://localhost:8000/v1        a cache in front of another server\n"
      "  fovea serve --host 0.0.0.0 --keys keys.toml            for others, with API keys\n"
      "  echo -n KEY | fovea serve --hash-key                   what stands for a key in keys.toml\n\n"
      "Every flag is also a line of the --config file (port = 8000), and a variable of the environment "
      "(FOVEA_PORT=8000).\n"
      "A flag counts before the environment, and the environment before the file.\n"
      "SIGTERM lets requests end first; SIGHUP reads the keys again.");
  add_model_flags(serve, flags->model);
  add_server_flags(serve, *flags);
  add_answer_flags(serve, *flags);
  add_cache_flags(serve, flags->cache);
  add_log_flags(serve, *flags);
  for (CLI::Option* option : serve.get_options()) {
    std::string name = option->get_single_name();
    if (name.empty() || name == "help") continue;
    std::ranges::replace(name, '-', '_');
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    option->envname("FOVEA_" + name);
  }
  serve.add_option("--config", flags->config, "Read flags from this TOML file")->type_name("FILE")->configurable(false);
  serve.add_flag("--print-config", flags->print_config, "Print what would be used, as such a file")
      ->configurable(false);
  serve.add_flag("--hash-key", flags->hash_key, "Print what stands for the key on standard input")->configurable(false);
  serve.callback([flags, &serve, &exit_code] {
    if (flags->print_config)
      std::print("{}", serve.config_to_str(true, true));
    else
      exit_code = flags->hash_key ? print_hash_of_key() : run(*flags);
  });
}

}  // namespace fovea::app
