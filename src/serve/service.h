// Service: everything that `fovea serve` answers, put together: the routes of HttpServer and what their
// handlers share.
//
// Thread-safe. Borrows the engine and pipeline, or the upstream and relay, which must outlive it; it must
// outlive the HttpServer.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/upstream/upstream.h"
#include "pipeline/pipeline.h"
#include "pipeline/relay.h"
#include "pipeline/request_log.h"
#include "serve/audit/traffic_recorder.h"
#include "serve/backend.h"
#include "serve/cache_handler.h"
#include "serve/dashboard/dashboard_handler.h"
#include "serve/dashboard/recent_requests.h"
#include "serve/events/events_handler.h"
#include "serve/files/file_store.h"
#include "serve/files/files_handler.h"
#include "serve/http/http_server.h"
#include "serve/image_resolver.h"
#include "serve/metrics.h"
#include "serve/observer.h"
#include "serve/responses/response_store.h"
#include "serve/tenants.h"
#include "serve/warm_handler.h"

namespace fovea::serve {

struct ServiceOptions {
  RequestRules rules;
  FileStoreOptions files;
  ResponseStoreOptions responses;
  ImageFetchOptions fetch;           // of images by URL; no hosts = none is fetched
  DecodeLimits decode_limits;        // of images that are decoded without a pipeline, in front of another server
  std::string model;                 // its name in replies
  std::optional<double> timeout_ms;  // of every request
  bool attention = false;            // show on the dashboard what answers attended to
  const Tiers* tiers = nullptr;      // behind the files' memory; null = none; they outlive the service
};

class Service final : public Observer {
 public:
  struct Records {
    std::unique_ptr<Tenants> tenants;
    std::unique_ptr<RequestLog> log;         // null: no log
    std::unique_ptr<TrafficRecorder> audit;  // null: nothing is recorded for fovea audit
  };
  // In front of a model, and in front of another server.
  Service(VisionLanguageEngine& engine, Pipeline& pipeline, Records records, ServiceOptions options);
  Service(Upstream& upstream, Relay& relay, Records records, ServiceOptions options);

  std::vector<HttpServer::Route> routes();

  // From now on /ready replies 503, and uploaded images are not encoded ahead.
  void stop();
  // Reads the keys again. Faults: those of Tenants::reload.
  Result<void> reload_keys() { return records_.tenants->reload(); }

  void served(const Served& served) override;
  // A request did not reach its handler, and got this status.
  void refused(int status) { metrics_.count_refusal(status); }

 private:
  using MakeBackend = std::function<std::unique_ptr<Backend>(Service& service)>;
  Service(const MakeBackend& make_backend, PictureEvents& events, Records records, ServiceOptions options);

  // A handler that is called for authenticated tenants within their limits only; other requests are refused
  // first. Uncounted requests do not use up the tenant's limits.
  enum class Counting : bool { counted, uncounted };
  template <typename Handle>
  HttpServer::Handler for_tenants(Handle handle, Counting counting = Counting::counted);
  void ready(Exchange& exchange) const;

  const ServiceOptions options_;
  const Records records_;
  std::stop_source stopping_;
  FileStore files_;
  std::unique_ptr<ImageFetch> fetch_;
  ImageResolver image_resolver_;
  RecentRequests recent_;
  std::unique_ptr<Backend> backend_;
  Metrics metrics_;
  FilesHandler files_handler_;
  CacheHandler cache_handler_;
  WarmHandler warm_handler_;
  EventsHandler events_handler_;
  DashboardHandler dashboard_;
};

}  // namespace fovea::serve
