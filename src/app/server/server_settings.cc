// Each read_ function turns one group of flags into settings, and gives the first fault. Nothing is opened
// here that costs time: the file of keys, the certificate and the log are, since a mistake in their names
// should show before a model is loaded.
#include "app/server/server_settings.h"

#include <algorithm>
#include <filesystem>
#include <format>
#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/units.h"
#include "serve/events/events_handler.h"
#include "serve/http/tls/server_certificate.h"
#include "serve/relay/route_header.h"

namespace fovea::app {

namespace {

bool is_loopback(const std::string& host) { return host == "::1" || host.starts_with("127."); }

std::string model_name(const ServeFlags& flags) {
  if (!flags.alias.empty()) return flags.alias;
  return flags.model.model.empty() ? "fovea-tiny" : std::filesystem::path(flags.model.model).stem().string();
}

Result<void> read_size(const char* flag, const std::string& text, std::uint64_t& bytes) {
  const auto parsed = parse_bytes(text);
  if (!parsed) return fail(Fault::invalid, std::format("{}: {}", flag, parsed.error().message));
  bytes = *parsed;
  return {};
}

Result<void> read_sizes(const ServeFlags& flags, ServerSettings& settings) {
  std::uint64_t& image_bytes_max = settings.service.rules.image_bytes_max;
  if (auto read = read_size("--max-body", flags.body_max, settings.http.body_bytes_max); !read) return read;
  std::uint64_t& body_memory = settings.http.body_memory_bytes_max;
  if (auto read = read_size("--body-memory", flags.body_memory, body_memory); !read) return read;
  body_memory = std::max(body_memory, settings.http.body_bytes_max);  // one request always has room
  if (auto read = read_size("--max-picture", flags.picture_max, image_bytes_max); !read) return read;
  if (auto read = read_size("--files-size", flags.files_size, settings.service.files.bytes_max); !read) return read;
  std::uint64_t& responses_max = settings.service.responses.bytes_max;
  if (auto read = read_size("--responses-size", flags.responses_size, responses_max); !read) return read;
  settings.pipeline.decode_limits.source_bytes_max = image_bytes_max;
  settings.service.decode_limits = settings.pipeline.decode_limits;
  settings.service.fetch.bytes_max = image_bytes_max;
  return {};
}

Result<void> read_frames(const ServeFlags& flags, ServerSettings& settings) {
  FrameOptions options{.exact_every = flags.frames_exact_every};
  if (auto read = read_size("--frames-memory", flags.frames_memory, options.bytes_max); !read) return read;
  if (flags.frames == "tolerance") settings.pipeline.frames = options;
  return {};
}

Result<void> read_pipeline(const ServeFlags& flags, ServerSettings& settings) {
  auto pipeline = pipeline_options(flags.cache);
  if (!pipeline) return std::unexpected(pipeline.error());
  const auto order = image_order_of(flags.image_order);
  if (!order) return fail(order.error().fault, "--image-order: " + order.error().message);
  if (const auto disk = disk_settings(flags.tiers); !disk) return std::unexpected(disk.error());
  settings.pipeline = *pipeline;
  settings.pipeline.image_order = *order;
  settings.pipeline.prefetch = flags.prefetch == "on";
  settings.pipeline.requests_max = flags.requests_max;
  return read_frames(flags, settings);
}

void read_http(const ServeFlags& flags, ServerSettings& settings) {
  settings.http = flags.http;
  if (flags.http.host == "localhost") settings.http.host = "127.0.0.1";
  // One thread for each request that computes or waits, and enough besides that stored answers need not wait
  // for those. Readers of events keep theirs.
  settings.http.handler_threads =
      flags.requests_max + 2 * std::max(2U, std::thread::hardware_concurrency()) + serve::EventsHandler::readers_max;
}

// A browser sends its page's origin as scheme, host and port, in lower case and without a port that the
// scheme has anyway: what is written otherwise would never be met.
bool is_origin(std::string_view text) {
  constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz", digits = "0123456789";
  const auto only = [](std::string_view part, std::initializer_list<std::string_view> sets) {
    return !part.empty() && std::ranges::all_of(part, [&](char c) {
      return std::ranges::any_of(sets, [&](std::string_view set) { return set.contains(c); });
    });
  };
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || !only(text.substr(0, colon), {lower, digits, "+.-"})) return false;
  const std::string_view scheme = text.substr(0, colon);
  std::string_view host = text.substr(colon + 3);
  const std::size_t port = host.rfind(':');
  if (port != std::string_view::npos && !host.ends_with(']')) {
    const std::string_view number = host.substr(port + 1);
    const bool needless = (scheme == "https" && number == "443") || (scheme == "http" && number == "80");
    if (needless || number.size() > 5 || !only(number, {digits})) return false;
    host = host.substr(0, port);
  }
  if (host.starts_with('[') && host.ends_with(']')) return only(host.substr(1, host.size() - 2), {digits, "abcdef:."});
  return only(host, {lower, digits, ".-_"});
}

Result<void> check_origins(const std::vector<std::string>& origins) {
  for (const std::string& origin : origins) {
    if ((origin == "*" && origins.size() == 1) || is_origin(origin)) continue;
    const std::string_view why =
        origin == "*" ? "* is for all pages, so it stands alone"
                      : "an origin is written as browsers send it: a scheme, a host in lower case and a port that is "
                        "not the scheme's own, such as https://app.example or http://localhost:3000, without a path "
                        "or a star in it; or * alone, for all";
    return fail(Fault::invalid, std::format("--cors-origins {}: {}", origin, why));
  }
  return {};
}

Result<void> read_certificate(const ServeFlags& flags, ServerSettings& settings) {
  if (flags.tls_cert.empty() && flags.tls_key.empty()) return {};
  if (flags.tls_key.empty())
    return fail(Fault::invalid, "--tls-cert: a certificate needs its private key: give --tls-key FILE, too");
  if (flags.tls_cert.empty())
    return fail(Fault::invalid, "--tls-key: a key needs its certificate: give --tls-cert FILE, too");
  auto opened = serve::ServerCertificate::open({flags.tls_cert, flags.tls_key});
  if (!opened) return fail(opened.error().fault, "--tls-cert and --tls-key: " + opened.error().message);
  settings.http.certificate = std::move(*opened);
  return {};
}

Result<void> read_tenants(const ServeFlags& flags, ServerSettings& settings) {
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
  settings.http.pages_checked = true;
  settings.http.names_checked = !flags.insecure;
  settings.tenants = std::make_unique<serve::Tenants>();
  return {};
}

Result<void> read_route_header(const ServeFlags& flags, ServerSettings& settings) {
  if (flags.route_header.empty()) return {};
  auto checked = serve::check_route_header(flags.route_header);
  if (!checked) return fail(checked.error().fault, "--route-header: " + checked.error().message);
  settings.route_header = std::move(*checked);
  return {};
}

Result<void> open_log(const ServeFlags& flags, ServerSettings& settings) {
  if (flags.log.empty()) return {};
  auto log = RequestLog::open(flags.log);
  if (!log) return std::unexpected(log.error());
  settings.log = std::move(*log);
  return {};
}

}  // namespace

Result<ServerSettings> server_settings(const ServeFlags& flags) {
  ServerSettings settings;
  if (auto read = read_pipeline(flags, settings); !read) return std::unexpected(read.error());
  read_http(flags, settings);
  settings.service = {.rules = {.defaults = flags.generate,
                                .video_frames_max = flags.video_frames,
                                .store_responses = flags.store_responses},
                      .files = {.ttl_s = flags.files_ttl_s},
                      .responses = {.ttl_s = flags.responses_ttl_s},
                      .fetch = {.hosts = flags.image_hosts},
                      .model = model_name(flags),
                      .timeout_ms = flags.timeout_s * 1000,
                      .attention = flags.attention};
  if (auto read = read_sizes(flags, settings); !read) return std::unexpected(read.error());
  if (auto checked = check_origins(flags.http.cors_origins); !checked) return std::unexpected(checked.error());
  if (auto read = read_tenants(flags, settings); !read) return std::unexpected(read.error());
  if (auto read = read_certificate(flags, settings); !read) return std::unexpected(read.error());
  if (auto read = read_route_header(flags, settings); !read) return std::unexpected(read.error());
  if (auto opened = open_log(flags, settings); !opened) return std::unexpected(opened.error());
  return settings;
}

}  // namespace fovea::app
