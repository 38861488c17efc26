#include "app/cache/findings_text.h"

#include <algorithm>
#include <format>
#include <vector>

#include "app/output/json_line.h"

namespace fovea::app {

namespace json {

struct DoctorFinding {
  std::string grade, what, advice;
};

struct Doctor {
  std::string place;
  std::vector<DoctorFinding> findings;
  std::int64_t warnings, wrong;
};

}  // namespace json

namespace {

std::int64_t count_of(std::span<const Finding> findings, Grade grade) {
  return std::ranges::count(findings, grade, &Finding::grade);
}

}  // namespace

std::string findings_text(std::string_view place, std::span<const Finding> findings) {
  std::string text = std::format("{}\n", place);
  for (const auto& [grade, what, advice] : findings) {
    text += std::format("  {:<9}{}\n", to_string(grade), what);
    if (!advice.empty()) text += std::format("  {:<9}{}\n", "", advice);
  }
  const auto warnings = count_of(findings, Grade::warning), wrong = count_of(findings, Grade::wrong);
  const std::string besides = std::format("{} warning{}", warnings, warnings == 1 ? "" : "s");
  if (wrong > 0) return text + std::format("{} wrong, {}\n", wrong, besides);
  return text + (warnings > 0 ? std::format("nothing wrong, {}\n", besides) : "all is well\n");
}

std::string findings_json(std::string_view place, std::span<const Finding> findings) {
  json::Doctor doctor{.place = std::string(place),
                      .findings = {},
                      .warnings = count_of(findings, Grade::warning),
                      .wrong = count_of(findings, Grade::wrong)};
  for (const auto& [grade, what, advice] : findings)
    doctor.findings.push_back({std::string(to_string(grade)), what, advice});
  return json_line(doctor);
}

}  // namespace fovea::app
