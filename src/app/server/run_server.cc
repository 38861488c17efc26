// The parts are built from the bottom up on this function's stack (engine or upstream, pipeline or relay,
// service, HTTP server), so that each outlives what borrows it. A signal's thread then only calls stop(), and
// run() returns.
#include "app/server/run_server.h"

#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <format>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "app/server/open_recorder.h"
#include "app/server/server_profile.h"
#include "engine/modelled/modelled_engine.h"
#include "engine/upstream/upstream.h"
#include "pipeline/relay.h"
#include "profile/modelled_times.h"
#include "profile/profile_file.h"
#include "serve/http/tls/server_certificate.h"
#include "tier/open/open_tiers.h"

namespace fovea::app {

namespace {

void reload_keys(serve::Service& service) {
  if (const auto reloaded = service.reload_keys(); reloaded)
    spdlog::info("the keys were read again");
  else
    spdlog::error("{}; the old keys stay", reloaded.error().message);
}

void reload_certificate(serve::ServerCertificate& certificate) {
  if (const auto reloaded = certificate.reload(); reloaded)
    spdlog::info("the certificate was read again, for new connections; it is valid until {}",
                 certificate.valid_until());
  else
    spdlog::error("{}; the old certificate stays", reloaded.error().message);
}

// systemd waits from this message until the next READY=1 (Type=notify-reload). By the time it knows that the
// message is about its own signal.
void tell_of_reload() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  sd_notify(0, std::format("RELOADING=1\nMONOTONIC_USEC={}", now_us).c_str());
}

std::string url_of(const serve::HttpServerOptions& http, std::uint16_t port) {
  return std::format("{}://{}:{}", http.certificate ? "https" : "http",
                     http.host.contains(':') ? '[' + http.host + ']' : http.host, port);
}

Result<void> serve_until_stopped(const ServeFlags& flags, const ServerSettings& settings, serve::Service& service,
                                 ServerSignals& signals) {
  serve::HttpServer server(settings.http, service.routes(), [&](int status) { service.refused(status); });
  std::atomic<bool> ready = false;  // a reload before that, or while it stops, must not say so
  const auto stop = [&] {
    ready = false;
    sd_notify(0, "STOPPING=1");
    spdlog::info("stopping");
    service.stop();
    server.stop(flags.grace_s * 1000);
  };
  signals.watch(stop, [&] {
    if (ready) tell_of_reload();
    reload_keys(service);
    if (settings.http.certificate) reload_certificate(*settings.http.certificate);
    if (ready) sd_notify(0, "READY=1");
  });
  const auto ended = server.run([&](std::uint16_t port) {
    ready = true;
    sd_notify(0, "READY=1");
    spdlog::info("{} at {}", flags.upstream.empty() ? settings.service.model : flags.upstream,
                 url_of(settings.http, port));
    if (settings.http.certificate)
      spdlog::info("the certificate is valid until {}", settings.http.certificate->valid_until());
  });
  signals.let_go();  // of what ends with this function
  return ended;
}

// The API key of the other server.
Result<std::string> upstream_key(const std::string& variable) {
  if (variable.empty()) return std::string();
  const char* key = std::getenv(variable.c_str());
  if (key == nullptr || *key == '\0')
    return fail(Fault::invalid, std::format("--upstream-key-env: there is no {} in the environment", variable));
  return std::string(key);
}

serve::Service::Records records_of(ServerSettings& settings) {
  return {std::move(settings.tenants), std::move(settings.log), std::move(settings.audit)};
}

RelayOptions relay_options(const ServerSettings& settings) {
  const PipelineOptions& options = settings.pipeline;
  return {.response_bytes_max = options.shared_bytes_max.value_or(options.response_bytes_max),
          .policy = options.policy,
          .decode_limits = options.decode_limits,
          .requests_max = options.requests_max,
          .route_header = settings.route_header,
          .tiers = options.tiers};
}

Result<void> serve_upstream(const ServeFlags& flags, ServerSettings settings, ServerSignals& signals) {
  auto key = upstream_key(flags.upstream_key_env);
  if (!key) return std::unexpected(key.error());
  auto upstream = Upstream::open({.url = flags.upstream, .key = *key});
  if (!upstream) return fail(upstream.error().fault, "--upstream: " + upstream.error().message);
  Relay relay(**upstream, relay_options(settings));
  serve::Service service(**upstream, relay, records_of(settings), settings.service);
  return serve_until_stopped(flags, settings, service, signals);
}

Result<void> serve_model(const ServeFlags& flags, ServerSettings settings, const ServerProfile& profile,
                         ServerSignals& signals) {
  ModelFlags model = flags.model;
  if (flags.attention) {
    model.attention_layers = "all";
    model.parallel = 1;
  }
  auto engine = open_engine(model, [](std::string_view told) { spdlog::warn("{}", told); });
  if (!engine) return std::unexpected(engine.error());
  const auto checked = profile.check(**engine);
  if (!checked) return std::unexpected(checked.error());
  if (!checked->empty()) spdlog::info("{}", *checked);
  if (const std::string doubts = profile.doubts(); !doubts.empty()) spdlog::warn("{}", doubts);
  spdlog::info("pictures and long prompts are computed by {}", (*engine)->facts().kernels);
  if (const std::string told = without_drafts(flags.model, **engine); !told.empty()) spdlog::warn("{}", told);
  if (const auto obstacle = (*engine)->frames_obstacle(); settings.pipeline.frames && !obstacle.empty())
    return fail(Fault::unsupported, std::format("--frames tolerance: {}", obstacle));
  if (settings.pipeline.frames)
    settings.pipeline.frames->tell = [](std::string_view told) { spdlog::warn("--frames tolerance: {}", told); };
  Pipeline pipeline(**engine, settings.pipeline);
  serve::Service service(**engine, pipeline, records_of(settings), settings.service);
  return serve_until_stopped(flags, settings, service, signals);
}

// Nothing at all where no file is named.
Result<std::optional<Profile>> modelled_profile(const std::string& file) {
  if (file.empty()) return std::nullopt;
  auto profile = read_profile(file);
  if (!profile) return fail(profile.error().fault, "--modelled: " + profile.error().message);
  return std::move(*profile);
}

Result<void> serve_modelled(const ServeFlags& flags, ServerSettings settings, const Profile& profile,
                            ServerSignals& signals) {
  const ModelTimes& model = profile.models.front();
  auto engine = ModelledEngine::open(modelled_times(profile, model), flags.model.parallel);
  if (!engine) return fail(engine.error().fault, "--modelled: " + engine.error().message);
  if (flags.alias.empty()) settings.service.model = model.name + "-modelled";
  spdlog::warn("answers are made up: no model runs, and the times are those of {} on {}", model.name, profile.machine);
  Pipeline pipeline(**engine, settings.pipeline);
  serve::Service service(**engine, pipeline, records_of(settings), settings.service);
  return serve_until_stopped(flags, settings, service, signals);
}

// What entries cost is the model's. How long tiers take is learnt here: this machine's are not the profile's.
TierGuesses guesses_of(const ServerProfile& profile, const std::optional<Profile>& modelled) {
  if (!modelled) return profile.guesses();
  return {.disk = {}, .shared = {}, .expected = tier_guesses(*modelled, modelled->models.front()).expected};
}

}  // namespace

Result<void> run_server(const ServeFlags& flags, ServerSettings settings, ServerSignals& signals) {
  auto recorder = open_recorder(flags);  // which has a thread, so not before the signals are watched
  if (!recorder) return std::unexpected(recorder.error());
  settings.audit = std::move(*recorder);
  const auto profile = ServerProfile::open(flags.profile, flags.model);
  if (!profile) return std::unexpected(profile.error());
  const auto modelled = modelled_profile(flags.modelled);
  if (!modelled) return std::unexpected(modelled.error());
  const auto tiers = OpenTiers::open(
      flags.tiers, [](std::string_view told) { spdlog::warn("{}", told); }, guesses_of(*profile, *modelled));
  if (!tiers) return std::unexpected(tiers.error());
  settings.pipeline.tiers = settings.service.tiers = tiers->tiers();
  if (*modelled) return serve_modelled(flags, std::move(settings), **modelled, signals);
  return flags.upstream.empty() ? serve_model(flags, std::move(settings), *profile, signals)
                                : serve_upstream(flags, std::move(settings), signals);
}

}  // namespace fovea::app
