// Scenarios are written by hand, so parsing is strict: an unknown field is a mistake, and every bound is
// checked here, where the sentence can name the field. Nothing behind this file checks a scenario again.
#include "workload/scenario.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <format>
#include <glaze/glaze.hpp>

#include "trace/trace_source.h"

namespace fovea {

namespace {

constexpr std::size_t scenario_bytes_max = 1 << 20;  // they are written by hand
// Targets would refuse larger pictures.
constexpr std::uint32_t side_max = 16'384;
constexpr std::uint32_t pictures_max = 64;  // of one request: more than any context holds
constexpr std::uint32_t turns_limit = 1000;
constexpr std::int32_t tokens_limit = 1 << 20;

struct StrictJson : glz::opts {
  bool validate_trailing_whitespace = true;  // nothing may follow the scenario
};
constexpr StrictJson strict_json{};

template <std::size_t n>
bool is_one_of(const std::string& text, const std::array<const char*, n>& names) {
  return std::ranges::find(names, text) != names.end();
}

}  // namespace

const char* complaint_about(const Scenario& scenario) {
  const Scenario& s = scenario;
  if (const char* wrong = complaint_about(s.workload)) return wrong;
  if (!std::ranges::all_of(s.workload.name, [](unsigned char c) { return std::isalnum(c) || c == '-'; }))
    return "\"name\" becomes part of file names: use letters, digits and dashes only";
  if (!is_one_of(s.prompt, std::array{"question", "chat", "retrieval", "screens", "clip"}))
    return "\"prompt\" must be question, chat, retrieval, screens or clip";
  if (!is_one_of(s.pictures, std::array{"scene", "screen", "frame"}))
    return "\"pictures\" must be scene, screen or frame";
  if (s.prompt == "clip" && !s.moving) return "\"prompt\": \"clip\" needs \"moving\": a clip's frames differ";
  if (s.moving && s.pictures == "scene") return "\"moving\" needs \"pictures\" that move: screen or frame";
  if (s.width < 1 || s.width > side_max || s.height < 1 || s.height > side_max)
    return "\"width\" and \"height\" must be 1 to 16,384";
  if (s.pictures_per_request < 1 || s.pictures_per_request > pictures_max)
    return "\"pictures_per_request\" must be 1 to 64";
  if (s.turns_max < 1 || s.turns_max > turns_limit) return "\"turns_max\" must be 1 to 1,000";
  if (s.max_tokens < 1 || s.max_tokens > tokens_limit) return "\"max_tokens\" must be 1 to 1,048,576";
  if (!(s.restart_after >= 0 && s.restart_after < 1)) return "\"restart_after\" must be 0 to below 1";
  return nullptr;
}

Result<Scenario> parse_scenario(std::string_view json) {
  Scenario scenario;
  scenario.workload.models.clear();  // glaze adds to what is there
  const std::string document(json);  // glaze wants a terminated buffer
  if (const auto error = glz::read<strict_json>(scenario, document)) {
    return fail(Fault::invalid,
                std::format("not a scenario: {}\nsamples/scenarios has examples.", glz::format_error(error, document)));
  }
  if (scenario.workload.models.empty()) scenario.workload.models.emplace_back();
  if (const char* wrong = complaint_about(scenario)) return fail(Fault::invalid, std::format("scenario: {}", wrong));
  return scenario;
}

Result<Scenario> read_scenario(const std::string& path) {
  auto source = TraceSource::open(path);
  if (!source) return std::unexpected(source.error());
  const auto json = source->rest(scenario_bytes_max);
  if (!json) return std::unexpected(json.error());
  auto scenario = parse_scenario(*json);
  if (!scenario) return fail(scenario.error().fault, std::format("{}: {}", path, scenario.error().message));
  return scenario;
}

}  // namespace fovea
