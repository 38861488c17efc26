// The table of routes is Service::routes(). The page, /health, /ready and /metrics are for everybody. All
// others need a key, which is looked at before a request's body is read, and go through for_tenants(), which
// applies the tenant's limits and counts refusals.
#include "serve/service.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "serve/engine_backend.h"
#include "serve/relay/relay_backend.h"
#include "serve/send_refusal.h"

namespace fovea::serve {

Service::Service(VisionLanguageEngine& engine, Pipeline& pipeline, Records records, ServiceOptions options)
    : Service(
          [&](Service& service) -> std::unique_ptr<Backend> {
            return std::make_unique<EngineBackend>(EngineBackend::Parts{.pipeline = pipeline,
                                                                        .engine = engine,
                                                                        .images = service.image_resolver_,
                                                                        .observer = service,
                                                                        .rules = service.options_.rules,
                                                                        .model = service.options_.model,
                                                                        .timeout_ms = service.options_.timeout_ms,
                                                                        .attention = service.options_.attention,
                                                                        .responses = service.options_.responses});
          },
          pipeline.events(), std::move(records), std::move(options)) {}

Service::Service(Upstream& upstream, Relay& relay, Records records, ServiceOptions options)
    : Service(
          [&](Service& service) -> std::unique_ptr<Backend> {
            return std::make_unique<RelayBackend>(RelayBackend::Parts{.relay = relay,
                                                                      .upstream = upstream,
                                                                      .images = service.image_resolver_,
                                                                      .observer = service,
                                                                      .rules = service.options_.rules,
                                                                      .decode_limits = service.options_.decode_limits,
                                                                      .timeout_ms = service.options_.timeout_ms});
          },
          relay.events(), std::move(records), std::move(options)) {}

Service::Service(const MakeBackend& make_backend, PictureEvents& events, Records records, ServiceOptions options)
    : options_(std::move(options)),
      records_(std::move(records)),
      files_(options_.files, options_.tiers),
      fetch_(options_.fetch.hosts.empty() ? nullptr : std::make_unique<ImageFetch>(options_.fetch)),
      image_resolver_(files_, fetch_.get()),
      backend_(make_backend(*this)),
      metrics_([this] { return backend_->stats(); }, [this] { return backend_->load(); },
               [this] { return backend_->tier_stats(); }, [this] { return backend_->parked_bytes(); },
               [this] { return backend_->prefetch_counts(); },
               [this] { return records_.audit ? std::optional(records_.audit->counts()) : std::nullopt; },
               [this] { return backend_->frame_memory(); }),
      files_handler_(files_, *backend_, options_.rules.image_bytes_max, stopping_.get_token()),
      cache_handler_(*backend_, recent_),
      warm_handler_({.backend = *backend_,
                     .images = image_resolver_,
                     .tenants = *records_.tenants,
                     .rules = options_.rules,
                     .timeout_ms = options_.timeout_ms}),
      events_handler_(events, *records_.tenants, stopping_.get_token()),
      dashboard_({.cache = *backend_, .recent = recent_, .model = options_.model, .attention = options_.attention}) {}

std::vector<HttpServer::Route> Service::routes() {
  const auto ask = [this](auto& handler, auto handle) {
    return for_tenants(
        [&handler, handle](Exchange& exchange, const Tenant& tenant) { (handler.*handle)(exchange, tenant); });
  };
  // A page that is left open asks every second: it must not use up its tenant's limits.
  const auto watch = [this](auto handle) {
    return for_tenants(
        [this, handle](Exchange& exchange, const Tenant& tenant) { (dashboard_.*handle)(exchange, tenant); },
        Counting::uncounted);
  };
  const auto file = [this](Exchange& exchange) { dashboard_.file(exchange); };
  constexpr bool apart = true;  // from requests that compute: answered while all threads wait for the model
  std::vector<HttpServer::Route> routes = {
      {"GET", "/", file},
      {"GET", "/dashboard/*", file},
      {"GET", "/health", [](Exchange& exchange) { exchange.reply({.body = R"({"status":"ok"})"}); }, apart},
      {"GET", "/ready", [this](Exchange& exchange) { ready(exchange); }, apart},
      {"GET", "/metrics",
       [this](Exchange& exchange) {
         exchange.reply({.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_.page()});
       },
       apart},
  };
  std::vector<HttpServer::Route> with_key = {
      {"POST", "/v1/chat/completions", ask(*backend_, &Backend::chat)},
      {"POST", "/v1/responses", ask(*backend_, &Backend::responses)},
      {"GET", "/v1/models", for_tenants([this](Exchange& exchange, const Tenant&) { backend_->models(exchange); })},
      {"GET", "/v1/models/*", for_tenants([this](Exchange& exchange, const Tenant&) { backend_->model(exchange); })},
      {"POST", "/v1/files", ask(files_handler_, &FilesHandler::upload)},
      {"GET", "/v1/files", ask(files_handler_, &FilesHandler::list)},
      {"GET", "/v1/files/*", ask(files_handler_, &FilesHandler::show)},
      {"DELETE", "/v1/files/*", ask(files_handler_, &FilesHandler::remove)},
      {"GET", "/v1/cache/stats", ask(cache_handler_, &CacheHandler::stats)},
      {"GET", "/v1/cache/events", ask(events_handler_, &EventsHandler::follow)},
      {"POST", "/v1/cache/reset", ask(cache_handler_, &CacheHandler::reset)},
      {"POST", "/v1/cache/warm", ask(warm_handler_, &WarmHandler::warm)},
      {"DELETE", "/v1/cache/images/*", ask(cache_handler_, &CacheHandler::purge_image)},
      {"GET", "/v1/dashboard/state", watch(&DashboardHandler::state)},
      {"GET", "/v1/dashboard/thumbnails/*", watch(&DashboardHandler::thumbnail)},
  };
  for (BackendRoute& route : backend_->routes())
    with_key.push_back({std::move(route.method), std::move(route.path), for_tenants(std::move(route.handle))});
  for (HttpServer::Route& route : with_key) {
    route.admit = [this](const RequestHead& head) -> Parsed<void> {
      return records_.tenants->find(api_key_of(head)).transform([](const auto&) {});
    };
    routes.push_back(std::move(route));
  }
  return routes;
}

template <typename Handle>
HttpServer::Handler Service::for_tenants(Handle handle, Counting counting) {
  return [this, handle = std::move(handle), counting](Exchange& exchange) {
    const auto tenant = records_.tenants->find(api_key_of(exchange));
    if (!tenant) {
      metrics_.count_refusal(tenant.error().status);
      return send_refusal(exchange, tenant.error());
    }
    if (counting == Counting::counted) {
      if (const auto admitted = records_.tenants->admit(**tenant, exchange.body().size()); !admitted) {
        metrics_.count_refusal(admitted.error().status);
        return send_refusal(exchange, admitted.error());
      }
    }
    if (!records_.audit || !TrafficRecorder::records(exchange.method(), exchange.path()))
      return handle(exchange, **tenant);
    const double asked_unix_ms = unix_time_ms();
    WatchedExchange watched(exchange);
    handle(watched, **tenant);
    records_.audit->add(watched, **tenant, asked_unix_ms);
  };
}

void Service::stop() { stopping_.request_stop(); }

void Service::served(const Served& served) {
  if (served.refusal != nullptr) {
    metrics_.count_refusal(served.refusal->status);
    return;
  }
  metrics_.count(served.answer->report);
  recent_.add(served.request, *served.answer, unix_time_ms());
  if (!records_.log) return;
  if (const auto written = records_.log->add(served.tenant.name, served.answer->report); !written)
    spdlog::error("{}", written.error().message);
}

void Service::ready(Exchange& exchange) const {
  if (stopping_.stop_requested())
    return send_refusal(exchange, {503, "the server is shutting down", {}, "shutting_down", 1});
  exchange.reply({.body = R"({"status":"ready"})"});
}

}  // namespace fovea::serve
