// Scope: whose entries a request uses, and in whose name it stores them. Plain values; the functions are
// pure.
#pragma once

#include <string>
#include <string_view>

#include "fovea/key.h"

namespace fovea {

struct Scope {
  std::string name;  // goes into every key: requests with another one never share an entry
  Key id;            // the same as a record has it
  Key tenant;        // who stores: what purging goes by (tenant_label)
};

// Tenants of one group share a scope. A salt narrows it, whoever chose the salt. Two tenants have a scope in
// common as one group only: the name of a group's or a salt's scope is a hash, which no tenant is called.
Scope scope_of(std::string_view tenant, std::string_view group, std::string_view salt = {});

// A tenant as purging knows it.
Key tenant_label(std::string_view tenant);
// The same for the files that it uploaded: they are no results, and stay where those are purged.
Key file_tenant_label(std::string_view tenant);

}  // namespace fovea
