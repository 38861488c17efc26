// Removing what was kept of a picture, or for a tenant: a walk over the levels, since nobody asks for it often.
#include <algorithm>
#include <unordered_set>

#include "pipeline/erase_if.h"
#include "pipeline/keys.h"
#include "pipeline/pipeline.h"
#include "pipeline/stored_response.h"
#include "pipeline/stored_tiling.h"

namespace fovea {

namespace {

bool is_about(const Blob& response, const Key& image_key) {
  const auto stored = StoredResponse::from_blob(response);
  return stored && std::ranges::contains(stored->image_keys, image_key);
}

}  // namespace

std::size_t Pipeline::purge(const Key& image_key, std::string_view tenant) {
  const std::uint32_t number = tenant_number(tenant);
  std::unordered_set<Key, KeyHash> tiles;
  erase_if(tilings_, [&](const EntryView& entry) {
    const auto tiling = StoredTiling::from_blob(entry.value);
    if (entry.tenant != number || !tiling || tiling->image_key != image_key) return false;
    tiles.insert(tiling->embedding_keys.begin(), tiling->embedding_keys.end());
    return true;
  });
  engine_.purge_idle();
  std::size_t erased = erase_if(embeddings_, [&](const EntryView& entry) { return tiles.contains(entry.key); });
  erased += erase_if(prefixes_, [&](const EntryView& entry) { return entry.tenant == number; });
  return erased + erase_if(responses_, [&](const EntryView& entry) {
           return entry.tenant == number && is_about(entry.value, image_key);
         });
}

std::size_t Pipeline::purge(std::string_view tenant) {
  const std::uint32_t number = tenant_number(tenant);
  const auto is_theirs = [&](const EntryView& entry) { return entry.tenant == number; };
  erase_if(tilings_, is_theirs);
  engine_.purge_idle();
  return erase_if(embeddings_, is_theirs) + erase_if(prefixes_, is_theirs) + erase_if(responses_, is_theirs);
}

}  // namespace fovea
