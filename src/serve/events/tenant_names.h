// TenantNames: a tenant's name by its label, which is all that stores know. Used by one thread. Borrows the
// tenants.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "fovea/key.h"
#include "serve/tenants.h"

namespace fovea::serve {

class TenantNames {
 public:
  explicit TenantNames(const Tenants& tenants) : tenants_(tenants) {}

  // Valid until the next call. Empty for the only tenant of a server without keys, and for one that was
  // taken out of the file of keys.
  std::string_view name_of(const Key& label);

 private:
  const Tenants& tenants_;
  std::unordered_map<Key, std::string, KeyHash> names_;
};

}  // namespace fovea::serve
