// What must hold of any bytes given as a sealed entry: the entry that was sealed, with one encoding, or a
// fault that has a name. Shared by the fuzz target and by the test that replays its corpus; stops the
// program where it does not hold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"
#include "base/digest.h"
#include "store/byte_io.h"
#include "store/hostile_record.h"
#include "store/sealed_entry.h"

namespace fovea {

// The first byte of a corpus file says what the others are; anything else than these is taken as `as_entry`.
constexpr std::uint8_t as_entry = 0;
// The right checksum and seal are put in: a fuzzer would never find them
constexpr std::uint8_t as_entry_without_seal = 1;
constexpr std::uint8_t as_entry_fields = 2;  // of an entry, then the payload

// Bytes 0xc0 to 0xdf.
inline SealKey hostile_key() {
  SealKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(0xc0 + i);
  return key;
}

// Where the head's own fields say which entry it is.
inline constexpr std::size_t entry_seal_at = 9, entry_kind_at = 10, entry_key_at = 16;

inline void put_seal(std::span<std::byte> bytes) {
  const auto head_bytes = sealed_head_bytes(bytes);
  if (!head_bytes || bytes.size() < *head_bytes + record_header_bytes) return;
  const auto head = bytes.first(*head_bytes), record = bytes.subspan(*head_bytes);
  put_checksum(record);
  const auto sealed = head.first(head.size() - sizeof(Digest)), header = record.first(record_header_bytes);
  const Digest seal =
      head[entry_seal_at] == std::byte{2} ? keyed_digest(hostile_key(), {sealed, header}) : digest({sealed, header});
  std::ranges::copy(seal, sealed.end());
}

inline void check_opened(const OpenedEntry& opened, std::span<const std::byte> head, const Blob& record,
                         const SealKey* key) {
  const TierEntry& entry = opened.hit.entry;
  const RecordKind kind = opened.hit.record.header.kind;
  check(entry.record.bytes().data() == record.bytes().data(), "a record is not copied");
  check(entry.images.size() == opened.generations.images.size(), "an image has its generation");
  check(decode_record(record).has_value(), "what is opened is a record");
  check(std::ranges::equal(seal_entry(kind, entry, opened.generations, key), head), "an entry has one encoding");

  Key other = entry.key;
  other.bytes[0] ^= std::byte{1};
  const std::vector<SealKey> keys = key != nullptr ? std::vector{*key} : std::vector<SealKey>{};
  const auto of_other = open_entry(head, record, kind, other, keys);
  check(!of_other && of_other.error() == RecordFault::wrong_key, "an entry is of one key");
  const std::vector<SealKey> others(1);
  const auto of_others = open_entry(head, record, kind, entry.key, others);
  check(!of_others && of_others.error() == RecordFault::wrong_checksum, "a key that did not seal it proves nothing");
}

inline void check_entry(std::span<const std::byte> bytes) {
  const auto head_bytes = sealed_head_bytes(bytes);
  check(head_bytes || to_string(head_bytes.error()) != "unknown", "a fault has its name");
  check(!head_bytes || *head_bytes % 64 == 0, "what follows a head is aligned as it is");
  // A tier divides them where the head says. Nothing happens where it does not.
  const std::size_t divided_at = std::min(head_bytes.value_or(bytes.size() / 2), bytes.size());
  const auto head = bytes.first(divided_at);
  const Blob record = Blob::copy_of(bytes.subspan(divided_at));
  RecordKind kind{};
  Key key;
  if (head.size() >= entry_key_at + sizeof key.bytes) {
    kind = static_cast<RecordKind>(head[entry_kind_at]);
    std::ranges::copy(head.subspan(entry_key_at, sizeof key.bytes), key.bytes.begin());
  }
  const SealKey mac = hostile_key();
  const auto open = open_entry(head, record, kind, key);
  const auto proved = open_entry(head, record, kind, key, std::vector{SealKey{}, mac});
  check(!open || !proved, "it is sealed with a key or without one");
  for (const auto& opened : {open, proved})
    check(opened || to_string(opened.error()) != "unknown", "a fault has its name");
  if (open) check_opened(*open, head, record, nullptr);
  if (proved) check_opened(*proved, head, record, &mac);
}

inline void check_entry_fields(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  const auto kind = static_cast<RecordKind>(1 + reader.u8() % record_kinds);
  const bool keyed = reader.u8() % 2 == 1;
  const std::size_t images = reader.u8();
  TierEntry entry{.key = reader.key(), .tenant = reader.key(), .images = {}, .record = {}};
  Generations generations{.tenant = reader.u64(), .images = {}};
  for (std::size_t i = 0; i < images && reader.ok(); ++i) {
    entry.images.push_back(reader.key());
    generations.images.push_back(reader.u64());
  }
  const auto payload = bytes.last(std::min<std::size_t>(bytes.size(), 64));
  entry.record = encode_record({.kind = kind, .scope = entry.tenant}, payload);
  const SealKey mac = hostile_key();
  const auto head = seal_entry(kind, entry, generations, keyed ? &mac : nullptr);
  const std::vector<SealKey> keys = keyed ? std::vector{mac} : std::vector<SealKey>{};
  const auto opened = open_entry(head, entry.record, kind, entry.key, keys);
  check(opened.has_value(), "what is sealed can be opened");
  check(opened->hit.entry.tenant == entry.tenant && opened->hit.entry.images == entry.images, "labels come back");
  check(opened->generations == generations, "generations come back");
  check_opened(*opened, head, entry.record, keyed ? &mac : nullptr);
}

// `file` as the corpus has it: a byte that says what it is, and the rest.
inline void check_hostile_entry(std::span<const std::byte> file) {
  if (file.empty()) return;
  const auto bytes = file.subspan(1);
  switch (std::to_integer<std::uint8_t>(file[0])) {
    case as_entry_without_seal: {
      std::vector<std::byte> entry(bytes.begin(), bytes.end());
      put_seal(entry);
      return check_entry(entry);
    }
    case as_entry_fields:
      return check_entry_fields(bytes);
    default:
      return check_entry(bytes);
  }
}

}  // namespace fovea
