// An encrypted entry: the form that an entry has in a tier for those who have its tenant's key: a record
// whose payload is the whole record and its key, encrypted, under another key. docs/format.md describes every
// byte.
//
// What purging goes by, and what a policy wants to know, stays readable: tenant, images, kind, scope, cost,
// importance, time, shape, length. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <span>

#include "store/tier.h"
#include "tier/encryption/secret.h"

namespace fovea {

// What the encrypted entry of `key` lies under. It differs from every key, so who does not encrypt never
// finds ciphertext.
Key encrypted_key(const Key& key);

// `entry` as it is stored: another one each time, since its nonce is drawn. REQUIRES: a record of `kind`.
TierEntry encrypt_entry(RecordKind kind, const TierEntry& entry, const Secret& key);

// Whether `record` says that it holds a record that is encrypted.
bool is_encrypted(const Record& record);

// The entry that `stored` was made from, to the bit; nullopt where none of `keys` made it, of this kind, key,
// tenant, images and header.
std::optional<TierHit> decrypt_entry(RecordKind kind, const TierHit& stored, std::span<const Secret> keys);

}  // namespace fovea
