// log_drogon_with_spdlog: Drogon's own log lines go where all others of the process go.
#pragma once

namespace fovea::serve {

// Warnings and worse. For the whole process: call once, before Drogon runs.
void log_drogon_with_spdlog();

}  // namespace fovea::serve
