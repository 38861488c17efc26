#include "serve/events/tenant_names.h"

#include "pipeline/levels/scope.h"

namespace fovea::serve {

std::string_view TenantNames::name_of(const Key& label) {
  if (const auto known = names_.find(label); known != names_.end()) return known->second;
  // The file of keys may have been read again.
  for (const std::string& name : tenants_.names()) names_.insert_or_assign(tenant_label(name), name);
  return names_[label];
}

}  // namespace fovea::serve
