// Service: everything that `fovea serve` answers, put together: the routes of HttpServer and what their handlers share.
//
// Thread-safe. Borrows what answers (engine and pipeline, or upstream and relay), which outlives it, as it does the server.
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
#include "serve/asked_pictures.h"
#include "serve/backend.h"
#include "serve/cache_handler.h"
#include "serve/dashboard_handler.h"
#include "serve/file_store.h"
#include "serve/files_handler.h"
#include "serve/http_server.h"
#include "serve/metrics.h"
#include "serve/observer.h"
#include "serve/recent_requests.h"
#include "serve/tenants.h"

namespace fovea::serve {

struct ServiceOptions {
  RequestRules rules;
  FileStoreOptions files;
  PictureFetchOptions fetch;         // of pictures by address; no hosts = none
  DecodeLimits decode_limits;        // of pictures that are looked at without a pipeline
  std::string model;                 // how replies call it
  std::optional<double> timeout_ms;  // of every request
  bool attention = false;            // tell the dashboard what answers look at
};

class Service final : public Observer {
 public:
  struct Records {
    std::unique_ptr<Tenants> tenants;
    std::unique_ptr<RequestLog> log;  // null: nothing is written down
  };
  // In front of a model, and in front of another server.
  Service(VisionLanguageEngine& engine, Pipeline& pipeline, Records records, ServiceOptions options);
  Service(Upstream& upstream, Relay& relay, Records records, ServiceOptions options);

  std::vector<HttpServer::Route> routes();

  // From now on /ready says that requests are better sent elsewhere, and nothing is begun that nobody waits for.
  void stop();
  // Reads the keys again. Faults: those of Tenants::reload.
  Result<void> reload_keys() { return records_.tenants->reload(); }

  void served(const Served& served) override;

 private:
  using MakeBackend = std::function<std::unique_ptr<Backend>(Service& service)>;
  Service(const MakeBackend& make_backend, Records records, ServiceOptions options);

  // A handler for tenants only: who is asking, and whether they may, is settled first. What is uncounted takes nothing of the
  // tenant's allowance.
  enum class Counting : bool { counted, uncounted };
  template <typename Handle>
  HttpServer::Handler for_tenants(Handle handle, Counting counting = Counting::counted);
  void ready(Exchange& exchange) const;

  const ServiceOptions options_;
  const Records records_;
  std::stop_source stopping_;
  FileStore files_;
  std::unique_ptr<PictureFetch> fetch_;
  AskedPictures pictures_;
  RecentRequests recent_;
  std::unique_ptr<Backend> backend_;
  Metrics metrics_;
  FilesHandler files_handler_;
  CacheHandler cache_handler_;
  DashboardHandler dashboard_;
};

}  // namespace fovea::serve
