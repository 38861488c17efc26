// How a recipe is read and checked. Recipes are written by hand, so a field that is unknown or out of its
// range is refused with its name. The ranges keep the trace of any recipe within a machine's memory.
#include "workload/workload.h"

#include <algorithm>
#include <format>
#include <glaze/glaze.hpp>
#include <utility>

#include "workload/session_steps.h"

namespace fovea {

namespace {

// Recipes are written by hand. A longer file is something else.
constexpr std::size_t recipe_bytes_max = 1 << 20;
// Keeps the trace and its look-up tables within a few GiB of memory.
constexpr std::uint32_t requests_max = 20'000'000;
constexpr std::uint32_t images_max = 10'000'000;
constexpr std::uint32_t questions_max = 1'000'000;
constexpr std::uint32_t sessions_max = 100'000;
// All swaps of a drift together: they take seconds.
constexpr double moves_max = 1e9;

struct StrictJson : glz::opts {
  bool validate_trailing_whitespace = true;  // nothing may follow the recipe
};
constexpr StrictJson strict_json{};

bool is_share(double value) { return value >= 0 && value <= 1; }

bool is_model(const WorkloadModel& model) {
  // Far above any model, and small enough that the bytes of a whole trace fit into 64 bits.
  constexpr double cost_max_ms = 1e9, spread_max = 6;
  constexpr std::uint64_t bytes_max = 1ULL << 30;
  const auto is_cost = [](double ms) { return ms >= 0 && ms <= cost_max_ms; };
  return model.share > 0 && model.share <= 1e6 && model.embedding_bytes >= 1 && model.embedding_bytes <= bytes_max &&
         model.response_bytes >= 4 && model.response_bytes <= bytes_max && is_cost(model.encode_ms) &&
         is_cost(model.generate_ms) && model.picture_spread >= 0 && model.picture_spread <= spread_max;
}

const char* complaint_about(const SessionPlan& plan, std::uint32_t images) {
  if (plan.count == 0) return nullptr;
  if (plan.count > sessions_max) return "\"sessions\": \"count\" must be at most 100,000";
  if (plan.length < 1 || plan.length > requests_max) return "\"sessions\": \"length\" must be 1 to 20,000,000";
  if (!is_session_steps(plan.steps)) return "\"sessions\": \"steps\" must be free, pages, rounds, links or once";
  if (plan.pages < 1 || plan.pages > images) return "\"sessions\": \"pages\" must be 1 to \"images\"";
  if (!is_share(plan.jump) || !is_share(plan.stay)) return "\"sessions\": \"jump\" and \"stay\" must be 0 to 1";
  return nullptr;
}

}  // namespace

const char* complaint_about(const Workload& workload) {
  const Workload& w = workload;
  if (w.name.empty()) return "\"name\" is missing";
  if (w.requests < 1 || w.requests > requests_max) return "\"requests\" must be 1 to 20,000,000";
  if (w.images < 1 || w.images > images_max) return "\"images\" must be 1 to 10,000,000";
  if (w.questions < 1 || w.questions > questions_max) return "\"questions\" must be 1 to 1,000,000";
  if (!is_share(w.repeat) || !is_share(w.same_image) || w.repeat + w.same_image > 1 + 1e-9)
    return "\"repeat\" and \"same_image\" must be shares of at most 1 together";
  if (!(w.zipf >= 0 && w.zipf <= 10)) return "\"zipf\" must be 0 to 10";
  if (!is_share(w.drift_share) || !is_share(w.burst_chance) || !is_share(w.round_change))
    return "\"drift_share\", \"burst_chance\" and \"round_change\" must be 0 to 1";
  const std::uint32_t drifts = w.drift_every > 0 ? w.requests / w.drift_every : 0;
  if (w.drift_share * w.images * drifts > moves_max)
    return "\"drift_every\" and \"drift_share\" ask for more than 1,000,000,000 changes of place";
  if (!(w.burst_pace > 0 && w.burst_pace <= 1)) return "\"burst_pace\" must be above 0 and at most 1";
  if (w.burst_length < 1 || w.burst_length > requests_max) return "\"burst_length\" must be 1 to 20,000,000";
  if (w.scan_length > requests_max) return "\"scan_length\" must be at most 20,000,000";
  if (!(w.importance_correlation >= -1 && w.importance_correlation <= 1))
    return "\"importance_correlation\" must be -1 to 1";
  if (const char* wrong = complaint_about(w.sessions, w.images)) return wrong;
  if (w.models.empty() || !std::ranges::all_of(w.models, is_model))
    return "\"models\" needs at least one model, of a share above 0, sizes of 1 B (a response: 4 B) to 1 GiB, costs of "
           "0 to 1e9 ms "
           "and a spread of 0 to 6";
  return nullptr;
}

Result<Workload> parse_workload(std::string_view json) {
  Workload workload;
  workload.models.clear();           // glaze adds to what is there
  const std::string document(json);  // glaze wants a terminated buffer
  if (const auto error = glz::read<strict_json>(workload, document)) {
    return fail(Fault::invalid,
                std::format("not a workload: {}\nsamples/workloads has examples.", glz::format_error(error, document)));
  }
  if (workload.models.empty()) workload.models.emplace_back();
  if (const char* wrong = complaint_about(workload)) return fail(Fault::invalid, std::format("workload: {}", wrong));
  return workload;
}

Result<Workload> read_workload(const std::string& path) {
  auto source = TraceSource::open(path);
  if (!source) return std::unexpected(source.error());
  return read_workload(*source);
}

Result<Workload> read_workload(TraceSource& source) {
  const auto json = source.rest(recipe_bytes_max);
  if (!json) return std::unexpected(json.error());
  Result<Workload> workload = parse_workload(*json);
  if (!workload) return fail(workload.error().fault, std::format("{}: {}", source.name(), workload.error().message));
  return workload;
}

}  // namespace fovea
