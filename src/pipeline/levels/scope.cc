#include "pipeline/levels/scope.h"

namespace fovea {

namespace {

std::string name_of(std::string_view tenant, std::string_view group, std::string_view salt) {
  if (group.empty() && salt.empty()) return std::string(tenant);
  KeyBuilder scope("fovea/scope/1");
  scope.field(!group.empty()).field(group.empty() ? tenant : group);
  return scope.field(salt).finish().hex();
}

}  // namespace

Key tenant_label(std::string_view tenant) { return KeyBuilder("fovea/tenant/1").field(tenant).finish(); }

Key file_tenant_label(std::string_view tenant) { return KeyBuilder("fovea/file-tenant/1").field(tenant).finish(); }

Scope scope_of(std::string_view tenant, std::string_view group, std::string_view salt) {
  Scope scope{.name = name_of(tenant, group, salt), .id = {}, .tenant = tenant_label(tenant)};
  scope.id = KeyBuilder("fovea/scope-id/1").field(std::string_view(scope.name)).finish();
  return scope;
}

}  // namespace fovea
