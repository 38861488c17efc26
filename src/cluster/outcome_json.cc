// glaze writes plain structs by their fields' names, and numbers so that reading gives the same ones.
#include "cluster/outcome_json.h"

#include <format>
#include <glaze/json.hpp>

#include "base/check.h"

namespace fovea {

std::string to_json(const FleetOutcome& outcome) {
  std::string json;
  check(!glz::write_json(outcome, json), "an outcome is numbers and names");
  return json;
}

Result<FleetOutcome> parse_outcome(std::string_view json) {
  FleetOutcome outcome;
  if (const auto error = glz::read<glz::opts{.null_terminated = false}>(outcome, json))
    return fail(Fault::invalid, std::format("not an outcome of a simulation: {}", glz::format_error(error, json)));
  return outcome;
}

}  // namespace fovea
