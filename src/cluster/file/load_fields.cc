#include "cluster/file/load_fields.h"

#include <utility>

#include "cluster/file/field_checks.h"
#include "cluster/fleet_names.h"

namespace fovea::fleet_json {

namespace {

constexpr std::uint32_t clients_max = 1'000'000;
constexpr std::uint64_t wire_bytes_max = std::uint64_t{1} << 30;  // of a request or an answer

// A recipe, or the name of one.
Result<Workload> workload_of(const glz::raw_json& field, const FleetFolders& folders) {
  if (field.str.empty())
    return fail(Fault::invalid, "\"workload\" is missing: name one of samples/workloads, a file, or write a recipe");
  if (!field.str.starts_with('"')) return parse_workload(field.str);
  std::string name;
  if (glz::read_json(name, field.str)) return fail(Fault::invalid, "\"workload\" is no text");
  const auto path = named_file(name, "workloads", folders);
  if (!path) return wrong("\"workload\"", path.error());
  return read_workload(path->string());
}

}  // namespace

Result<FleetLoad> load_of(const Load& load, const FleetFolders& folders) {
  auto workload = workload_of(load.workload, folders);
  if (!workload) return std::unexpected(workload.error());
  FleetLoad made{.workload = std::move(*workload), .seed = load.seed};
  if (load.requests) made.workload.requests = *load.requests;
  if (const char* complaint = complaint_about(made.workload)) return fail(Fault::invalid, complaint);
  if (load.clients && load.rate_per_s)
    return fail(Fault::invalid, "\"clients\" that wait for answers, or requests at a \"rate_per_s\": leave out one");
  made.rate_per_s = load.rate_per_s.value_or(0);
  made.clients = load.rate_per_s ? 0 : load.clients.value_or(made.clients);
  if (load.rate_per_s && !(made.rate_per_s > 0 && made.rate_per_s <= rate_max))
    return fail(Fault::invalid, "\"rate_per_s\" must be above 0 and at most 1,000,000");
  if (!load.rate_per_s && (made.clients < 1 || made.clients > clients_max))
    return fail(Fault::invalid, "\"clients\" must be 1 to 1,000,000");
  if (load.request_bytes > wire_bytes_max || load.answer_bytes > wire_bytes_max)
    return fail(Fault::invalid, "\"request_bytes\" and \"answer_bytes\" must be at most 1 GiB");
  const auto named_by = named_by_of(load.named_by);
  if (!named_by) return wrong("\"named_by\"", named_by.error());
  made.named_by = *named_by;
  made.request_bytes = load.request_bytes;
  made.answer_bytes = load.answer_bytes;
  return made;
}

}  // namespace fovea::fleet_json
