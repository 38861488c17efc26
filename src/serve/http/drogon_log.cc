#include "serve/http/drogon_log.h"

#include <spdlog/spdlog.h>
#include <trantor/utils/Logger.h>

#include <cstdint>
#include <string_view>

namespace fovea::serve {

namespace {

void log_line(const char* line, std::uint64_t length) {
  std::string_view text(line, length);
  while (text.ends_with('\n')) text.remove_suffix(1);
  // Drogon calls this FATAL; it only means that a client left.
  if (text.contains("no writing but write callback called")) return;
  spdlog::warn("{}", text);
}

}  // namespace

void log_drogon_with_spdlog() {
  trantor::Logger::setOutputFunction(log_line, [] {});
  trantor::Logger::setLogLevel(trantor::Logger::kWarn);
}

}  // namespace fovea::serve
