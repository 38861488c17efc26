// open_recorder: the recorder of a server's traffic that --audit asks for. The caller owns it.
#pragma once

#include <memory>

#include "app/flags/serve_flags.h"
#include "fovea/result.h"
#include "serve/audit/traffic_recorder.h"

namespace fovea::app {

// Null where nothing is to be recorded. Faults: those of TrafficRecorder::open(), with the flag's name.
Result<std::unique_ptr<serve::TrafficRecorder>> open_recorder(const ServeFlags& flags);

}  // namespace fovea::app
