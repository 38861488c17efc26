// An encrypted entry: what comes out is what went in, and nothing else comes out.
#include "tier/encryption/encrypted_entry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <format>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>

#include "tier/entries.h"

namespace fovea {
namespace {

using test::entry_of;
using test::key_of;
using enum RecordKind;

const Secret key(key_of("a tenant's key").bytes), other_key(key_of("another key").bytes);

// As a tier finds it that keeps `stored`.
TierHit found(const TierEntry& stored) { return {stored, decode_record(stored.record).value()}; }

std::optional<TierHit> decrypted(const TierHit& stored, RecordKind kind = embedding) {
  return decrypt_entry(kind, stored, std::span(&key, 1));
}

// `stored` with its payload changed, and sound as a record.
TierHit with_payload(const TierHit& stored, const std::function<void(std::vector<std::byte>&)>& change) {
  std::vector<std::byte> payload(stored.record.payload.bytes().begin(), stored.record.payload.bytes().end());
  change(payload);
  TierEntry entry = stored.entry;
  entry.record = encode_record(stored.record.header, payload);
  return found(entry);
}

TEST(EncryptedEntryTest, ComesBackToTheBitInEveryKindAndSize) {
  for (const RecordKind kind : all_record_kinds) {
    for (const std::size_t bytes : {0UL, 1UL, 15UL, 16UL, 63UL, 64UL, 65UL, 4096UL, 150'000UL}) {
      const TierEntry entry = entry_of("a", bytes, bytes, kind);
      const TierEntry stored = encrypt_entry(kind, entry, key);
      EXPECT_NE(stored.key, entry.key);
      EXPECT_EQ(stored.tenant, entry.tenant);
      EXPECT_EQ(stored.images, entry.images);
      const auto hit = decrypted(found(stored), kind);
      ASSERT_TRUE(hit) << to_string(kind) << " " << bytes;
      EXPECT_TRUE(std::ranges::equal(hit->entry.record.bytes(), entry.record.bytes()));
      EXPECT_TRUE(decode_record(hit->entry.record)) << "its checksum is that of the record";
      EXPECT_EQ(hit->entry.key, entry.key);
      EXPECT_EQ(hit->entry.images, entry.images);
      EXPECT_EQ(hit->record.header, found(stored).record.header);
      EXPECT_EQ(hit->record.payload.size(), bytes);
    }
  }
  const TierEntry large = entry_of("large", 1, 8 << 20, prefix);
  const auto hit = decrypted(found(encrypt_entry(prefix, large, key)), prefix);
  ASSERT_TRUE(hit);
  EXPECT_TRUE(std::ranges::equal(hit->entry.record.bytes(), large.record.bytes()));
}

TEST(EncryptedEntryTest, ShowsNothingOfPayloadAndKey) {
  const TierEntry entry = entry_of("a", 1, 1000);
  const TierEntry stored = encrypt_entry(embedding, entry, key);
  const auto bytes = stored.record.bytes();
  EXPECT_TRUE(std::ranges::search(bytes, entry.key.bytes).empty());
  EXPECT_TRUE(std::ranges::search(bytes, entry.record.bytes().subspan(record_header_bytes, 16)).empty());
  EXPECT_FALSE(std::ranges::equal(bytes, encrypt_entry(embedding, entry, key).record.bytes())) << "a nonce twice";
  EXPECT_LE(stored.record.size() - entry.record.size(), 256u);
}

TEST(EncryptedEntryTest, IsWithdrawnWithTheEntry) {
  const std::atomic<bool> withdrawn = true;
  TierEntry entry = entry_of("a");
  entry.withdrawn = &withdrawn;
  EXPECT_TRUE(encrypt_entry(embedding, entry, key).is_withdrawn());
}

TEST(EncryptedEntryTest, OneOfTheKeysHasToFit) {
  const TierHit stored = found(encrypt_entry(embedding, entry_of("a"), key));
  const Secret both[] = {other_key, key};
  EXPECT_TRUE(decrypt_entry(embedding, stored, both));
  EXPECT_FALSE(decrypt_entry(embedding, stored, std::span(both).first(1)));
  EXPECT_FALSE(decrypt_entry(embedding, stored, {}));
}

TEST(EncryptedEntryTest, NothingOfItCanBeChanged) {
  const TierHit stored = found(encrypt_entry(embedding, entry_of("a", 1, 100), key));
  ASSERT_TRUE(decrypted(stored));
  const std::size_t bits = 8 * stored.record.payload.size();
  for (std::size_t bit = 0; bit < bits; bit += 3) {  // also magic, nonce and tag
    const auto flip = [&](auto& payload) { payload[bit / 8] ^= static_cast<std::byte>(1 << bit % 8); };
    EXPECT_FALSE(decrypted(with_payload(stored, flip))) << bit;
  }
  for (const std::size_t bytes : {0u, 15u, 16u, 40u, 200u, 300u})
    EXPECT_FALSE(decrypted(with_payload(stored, [&](auto& payload) { payload.resize(bytes); }))) << bytes;
  EXPECT_FALSE(decrypted(with_payload(stored, [](auto& payload) { payload.push_back({}); })));
}

TEST(EncryptedEntryTest, NothingBesideItCanBeChanged) {
  const TierHit stored = found(encrypt_entry(embedding, entry_of("a"), key));
  const auto changed = [&](const auto& change) {
    TierHit other = stored;
    change(other);
    return decrypted(other);
  };
  EXPECT_TRUE(changed([](TierHit&) {}));
  EXPECT_FALSE(changed([](TierHit& hit) { hit.entry.key = encrypted_key(key_of("another")); }));
  EXPECT_FALSE(changed([](TierHit& hit) { hit.entry.tenant = key_of("another tenant"); }));
  EXPECT_FALSE(changed([](TierHit& hit) { hit.entry.images.clear(); }));
  EXPECT_FALSE(changed([](TierHit& hit) { hit.entry.images.front() = key_of("another image"); }));
  EXPECT_FALSE(changed([](TierHit& hit) { hit.entry.images.push_back(key_of("another image")); }));
  EXPECT_FALSE(changed([](TierHit& hit) { hit.record.header.scope = key_of("another scope"); }));
  EXPECT_FALSE(changed([](TierHit& hit) { hit.record.header.cost_ms += 1; }));
  EXPECT_FALSE(changed([](TierHit& hit) { hit.record.header.importance = 1; }));
  EXPECT_FALSE(changed([](TierHit& hit) { hit.record.header.made_unix_ms += 1; }));
  EXPECT_FALSE(changed([](TierHit& hit) { hit.record.header.shape[3] = 1; }));
  EXPECT_FALSE(decrypt_entry(prefix, stored, std::span(&key, 1)));
}

TEST(EncryptedEntryTest, CiphertextsCannotBeExchanged) {
  TierEntry other = entry_of("b");
  other.tenant = key_of("another tenant");
  const TierHit one = found(encrypt_entry(embedding, entry_of("a"), key));
  const TierHit two = found(encrypt_entry(embedding, other, key));
  TierHit mixed = one;
  mixed.entry.record = two.entry.record;
  mixed.record = two.record;
  EXPECT_FALSE(decrypted(mixed));
}

TEST(EncryptedEntryTest, WhatIsNotEncryptedIsNone) {
  const TierEntry plain = entry_of("a", 1, 1000);
  EXPECT_FALSE(is_encrypted(found(plain).record));
  EXPECT_FALSE(decrypted(found(plain)));
  EXPECT_TRUE(is_encrypted(found(encrypt_entry(embedding, plain, key)).record));
}

std::string hex_of(std::span<const std::byte> bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    text += std::format("{:02x}{}", std::to_integer<int>(bytes[i]), i % 16 == 15 || i + 1 == bytes.size() ? "\n" : " ");
  return text;
}

// docs/format.md explains this file.
TEST(EncryptedEntryTest, TheGoldenFileIsRead) {
  std::ifstream file(FOVEA_SOURCE_DIR "/tests/tier/encryption/golden/encrypted.hex");
  ASSERT_TRUE(file);
  std::vector<std::byte> bytes;
  for (unsigned byte = 0; file >> std::hex >> byte;) bytes.push_back(static_cast<std::byte>(byte));
  TierEntry stored = encrypt_entry(embedding, entry_of("golden", 1, 16), key);
  stored.record = Blob::copy_of(bytes);
  ASSERT_TRUE(decode_record(stored.record)) << hex_of(stored.record.bytes());
  const auto hit = decrypted(found(stored));
  ASSERT_TRUE(hit);
  EXPECT_EQ(hex_of(hit->entry.record.bytes()), hex_of(entry_of("golden", 1, 16).record.bytes()));
}

}  // namespace
}  // namespace fovea
