#include "store/tier.h"

#include "store/purge_label.h"

namespace fovea {

Result<void> Tier::purge(const Key& tenant) {
  const PurgeLabel label{.tenant = tenant, .image = {}};
  return purge_labels(std::span(&label, 1));
}

Result<void> Tier::purge(const Key& tenant, const Key& image) {
  const PurgeLabel label{.tenant = tenant, .image = image};
  return purge_labels(std::span(&label, 1));
}

}  // namespace fovea
