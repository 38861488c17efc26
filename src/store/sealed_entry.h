// A sealed entry: the form that a record has in a tier: a head with its key and the labels that purging goes
// by, a seal over the head and the record's header, then the record. docs/format.md describes every byte.
//
// The record's own checksum covers its payload, and the seal covers that checksum: so one pass over the
// payload proves all of an entry. Where others can write to a tier, the seal is a MAC with a key that they do
// not have. Pure functions; thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include "fovea/blob.h"
#include "store/record.h"
#include "store/tier.h"

namespace fovea {

// A secret that seals and proves entries (BLAKE3's keyed mode).
using SealKey = std::array<std::byte, 32>;

// How often the tenant and each image of an entry had been purged when it was stored, as the tier counts it.
struct Generations {
  std::uint64_t tenant = 0;
  std::vector<std::uint64_t> images;

  friend bool operator==(const Generations&, const Generations&) = default;
};

// The head of `entry`; the record follows it. Its length is a multiple of 64. With `key`, the seal is a MAC.
// REQUIRES: as many generations of images as images, entry_images_max at most; a record of `kind`.
std::vector<std::byte> seal_entry(RecordKind kind, const TierEntry& entry, const Generations& generations,
                                  const SealKey* key = nullptr);

// The length of the head that `entry`, a whole one or its beginning, starts with.
// Faults: too_short, wrong_magic, unknown_version, wrong_length.
std::expected<std::size_t, RecordFault> sealed_head_bytes(std::span<const std::byte> entry);

struct OpenedEntry {
  TierHit hit;
  Generations generations;
};
// The entry of `head` and the record behind it, if it is one of `kind` stored under `key`, whole and sealed:
// by one of `keys`, or without a key where there are none. Faults: those of decode_record; wrong_key.
std::expected<OpenedEntry, RecordFault> open_entry(std::span<const std::byte> head, const Blob& record, RecordKind kind,
                                                   const Key& key, std::span<const SealKey> keys = {});

}  // namespace fovea
