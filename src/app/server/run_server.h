// run_server: opens what answers (a model, or another server), serves it over HTTP, and shuts down on a
// signal.
#pragma once

#include "app/flags/serve_flags.h"
#include "app/server/server_settings.h"
#include "app/server/server_signals.h"

namespace fovea::app {

// Serves until a signal ends it. On the process's first thread; `signals` were made before any other. Faults:
// those of open_engine, Upstream::open and HttpServer::run.
Result<void> run_server(const ServeFlags& flags, ServerSettings settings, ServerSignals& signals);

}  // namespace fovea::app
