// ServerSettings: what fovea serve is to do, made from its flags: everything that may be wrong in them is
// found here, before a model is loaded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/flags/serve_flags.h"
#include "fovea/result.h"
#include "pipeline/pipeline.h"
#include "pipeline/request_log.h"
#include "serve/http/http_server.h"
#include "serve/service.h"

namespace fovea::app {

struct ServerSettings {
  PipelineOptions pipeline;
  serve::ServiceOptions service;
  serve::HttpServerOptions http;
  std::string route_header;  // RelayOptions::route_header
  std::unique_ptr<serve::Tenants> tenants;
  std::unique_ptr<RequestLog> log;                // null: no log
  std::unique_ptr<serve::TrafficRecorder> audit;  // of run_server(); null: nothing is recorded for fovea audit
};

// Reads the file of keys and those of the certificate, and opens the logs. Faults: invalid, with the flag's
// name in the sentence; those of Tenants::open, ServerCertificate::open and RequestLog::open.
Result<ServerSettings> server_settings(const ServeFlags& flags);

}  // namespace fovea::app
