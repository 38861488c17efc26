// Any bytes as the payload of an encrypted entry. For the fuzz target, and for its corpus in every build.
#pragma once

#include <optional>
#include <span>

#include "base/check.h"
#include "tier/encryption/encrypted_entry.h"
#include "tier/entries.h"

namespace fovea::test {

// What `payload` decrypts to, as an entry of the corpus's key, tenant and image.
inline std::optional<TierHit> decrypted_payload(std::span<const std::byte> payload) {
  const Secret key(key_of("a tenant's key").bytes);
  TierHit stored{entry_of("golden", 1, 16), {}};
  stored.entry.key = encrypted_key(stored.entry.key);
  stored.record.header = view_record(stored.entry.record)->header;
  stored.record.payload = Blob::copy_of(payload);
  return decrypt_entry(RecordKind::embedding, stored, std::span(&key, 1));
}

// Checks that it is the entry that the corpus was made from, or none.
inline void check_hostile_encrypted(std::span<const std::byte> payload) {
  const auto hit = decrypted_payload(payload);
  if (!hit) return;
  const TierEntry made = entry_of("golden", 1, 16);
  check(hit->entry.key == made.key && std::ranges::equal(hit->entry.record.bytes(), made.record.bytes()),
        "what decrypts is what was encrypted");
}

}  // namespace fovea::test
