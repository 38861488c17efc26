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

  // Valid until the next call. Empty for the only tenant of a server without keys, and for one that is not in
  // the file of keys, unless its name was asked for while it was.
  std::string_view name_of(const Key& label);
  // The tenants are asked again at the next label that is not known. Until then their answer stands, so that
  // many such labels in a row cost no more than one.
  void may_have_changed() { asked_ = false; }

 private:
  const Tenants& tenants_;
  bool asked_ = false;  // since may_have_changed()
  std::unordered_map<Key, std::string, KeyHash> names_;
};

}  // namespace fovea::serve
