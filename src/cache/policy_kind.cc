#include "fovea/policy_kind.h"

#include <algorithm>
#include <array>
#include <format>
#include <string>

namespace fovea {

namespace {

constexpr std::array every_policy{PolicyKind::lru,         PolicyKind::cost,    PolicyKind::importance,
                                  PolicyKind::cross_modal, PolicyKind::s3_fifo, PolicyKind::sieve,
                                  PolicyKind::w_tinylfu,   PolicyKind::value};

std::string every_name() {
  std::string names;
  for (const PolicyKind kind : every_policy) {
    if (!names.empty()) names += ", ";
    names += to_string(kind);
  }
  return names;
}

}  // namespace

std::string_view to_string(PolicyKind kind) {
  switch (kind) {
    case PolicyKind::lru:
      return "lru";
    case PolicyKind::cost:
      return "cost";
    case PolicyKind::importance:
      return "importance";
    case PolicyKind::cross_modal:
      return "cross-modal";
    case PolicyKind::s3_fifo:
      return "s3-fifo";
    case PolicyKind::sieve:
      return "sieve";
    case PolicyKind::w_tinylfu:
      return "w-tinylfu";
    case PolicyKind::value:
      return "value";
  }
  return "unknown";
}

Result<PolicyKind> policy_kind_of(std::string_view name) {
  const auto* found = std::ranges::find(every_policy, name, [](PolicyKind kind) { return to_string(kind); });
  if (found != every_policy.end()) return *found;
  return fail(Fault::invalid, std::format("There is no policy \"{}\". Choose one of: {}.", name, every_name()));
}

bool goes_by_importance(PolicyKind kind) { return kind == PolicyKind::importance || kind == PolicyKind::cross_modal; }

std::span<const PolicyKind> all_policies() { return every_policy; }

}  // namespace fovea
