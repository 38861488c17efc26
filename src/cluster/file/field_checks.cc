#include "cluster/file/field_checks.h"

#include <algorithm>
#include <cctype>
#include <format>

#include "base/units.h"

namespace fovea::fleet_json {

namespace {

constexpr double mbit_min = 0.01, mbit_max = 1e6;
constexpr double bytes_per_ms_of_mbit = 125;

}  // namespace

std::unexpected<Error> wrong(std::string_view where, std::string_view what) {
  return fail(Fault::invalid, std::format("{}: {}", where, what));
}

std::unexpected<Error> wrong(std::string_view where, const Error& error) {
  return fail(error.fault, std::format("{}: {}", where, error.message));
}

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

Result<std::uint64_t> size_of(std::string_view field, const std::string& text) {
  const auto bytes = parse_bytes(text);
  if (!bytes) return wrong(std::format("\"{}\"", field), bytes.error());
  return *bytes;
}

Result<FleetLink> link_of(const Link& link) {
  if (!is_within(link.mbit_per_s, mbit_min, mbit_max))
    return fail(Fault::invalid, "\"link\": \"mbit_per_s\" must be 0.01 to 1,000,000");
  if (!is_within(link.latency_ms, 0, wait_max_ms))
    return fail(Fault::invalid, "\"link\": \"latency_ms\" must be 0 to 60,000");
  return FleetLink{.bytes_per_ms = link.mbit_per_s * bytes_per_ms_of_mbit, .latency_ms = link.latency_ms};
}

}  // namespace fovea::fleet_json
