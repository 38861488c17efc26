#include "serve/events/tenant_names.h"

#include <utility>

#include "pipeline/levels/scope.h"

namespace fovea::serve {

std::string_view TenantNames::name_of(const Key& label) {
  const auto known = names_.find(label);
  if (known != names_.end()) return known->second;
  if (std::exchange(asked_, true)) return {};
  for (const std::string& name : tenants_.names()) names_.try_emplace(tenant_label(name), name);
  const auto added = names_.find(label);
  return added == names_.end() ? std::string_view() : added->second;
}

}  // namespace fovea::serve
