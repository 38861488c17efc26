#include "app/server/server_log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <format>

#include "app/output/json_line.h"

namespace fovea::app {

namespace json {

struct LogLine {
  std::string time;
  std::string_view level, message;
};

}  // namespace json

namespace {

class JsonLines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(line.time);
    const auto level = spdlog::level::to_string_view(line.level);
    const std::string text =
        json_line(json::LogLine{
            std::format("{:%FT%TZ}", time), {level.data(), level.size()}, {line.payload.data(), line.payload.size()}}) +
        "\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonLines>(); }
};

}  // namespace

Result<void> set_up_log(const std::string& format, const std::string& level) {
  const auto known = spdlog::level::from_str(level);
  if (known == spdlog::level::off)
    return fail(Fault::invalid, std::format("--log-level: debug, info, warning or error, not \"{}\"", level));
  auto logger = std::make_shared<spdlog::logger>("fovea", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (format == "json")
    logger->set_formatter(std::make_unique<JsonLines>());
  else
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l: %v");
  logger->set_level(known);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

}  // namespace fovea::app
