// The plaintext is the record as it was inserted, and behind it its key. So what comes out is what went in,
// with its checksum, and nothing is encoded again. It is decrypted to where it stays, aligned as any record.
// The key lies there for those who walk through a tier: what an entry lies under does not tell its key.
//
// XChaCha20-Poly1305 with a random nonce of 24 bytes, which does not come twice. The associated data is one
// hash of all that stays readable, so none of it can be exchanged between entries.
//
// Rejected: the payload alone, which then needs a pass to compute the record's checksum again; libsodium's
// stream of several messages, which needs no copy of the record and has a format of its own.
#include "tier/encryption/encrypted_entry.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace fovea {

namespace {

constexpr std::string_view magic = "FOVEAENC";
constexpr std::byte version{1};
constexpr std::size_t start_bytes = 16;  // magic, version, 7 reserved
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t ciphertext_at = start_bytes + nonce_bytes;
constexpr std::size_t key_bytes = sizeof(Key);
// Of the payload, besides the record in it.
constexpr std::size_t added_bytes = ciphertext_at + key_bytes + tag_bytes;
static_assert(nonce_bytes == 24 && tag_bytes == 16);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == Secret::secret_bytes);

const unsigned char* raw(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }
unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

std::array<std::byte, start_bytes> start() {
  std::array<std::byte, start_bytes> bytes{};
  std::ranges::copy(std::as_bytes(std::span(magic)), bytes.begin());
  bytes[magic.size()] = version;
  return bytes;
}

// `stored` is the key that the encrypted entry lies under.
Key associated_data(RecordKind kind, const Key& stored, const TierEntry& entry, const RecordHeader& header) {
  KeyBuilder data("fovea/encrypted-entry/1");
  data.field(static_cast<int>(kind)).field(stored).field(entry.tenant).field(entry.images.size());
  for (const Key& image : entry.images) data.field(image);
  data.field(header.scope).field(header.cost_ms).field(static_cast<double>(header.importance));
  data.field(header.made_unix_ms);
  for (const std::uint32_t extent : header.shape) data.field(extent);
  return data.finish();
}

// Writes the plaintext of `ciphertext`, where `key` made it. REQUIRES: room for all but the tag.
bool decrypt(std::span<const std::byte> nonce, std::span<const std::byte> ciphertext, const Key& associated,
             const Secret& key, std::span<std::byte> plaintext) {
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             raw(plaintext.data()), nullptr, nullptr, raw(ciphertext.data()), ciphertext.size(),
             raw(associated.bytes.data()), associated.bytes.size(), raw(nonce.data()), raw(key.bytes().data())) == 0;
}

}  // namespace

Key encrypted_key(const Key& key) { return KeyBuilder("fovea/encrypted-key/1").field(key).finish(); }

TierEntry encrypt_entry(RecordKind kind, const TierEntry& entry, const Secret& key) {
  const auto record = view_record(entry.record);
  check(record && record->header.kind == kind, "what is encrypted is a record of its kind");
  check(sodium_init() >= 0, "libsodium can be used");
  TierEntry stored = entry;
  stored.key = encrypted_key(entry.key);
  const Key associated = associated_data(kind, stored.key, entry, record->header);
  const auto fill = [&](std::span<std::byte> payload) {
    std::ranges::copy(start(), payload.begin());
    const auto nonce = payload.subspan(start_bytes, nonce_bytes);
    const auto sealed = payload.subspan(ciphertext_at);
    randombytes_buf(nonce.data(), nonce.size());
    std::ranges::copy(entry.record.bytes(), sealed.begin());
    std::ranges::copy(entry.key.bytes, sealed.begin() + static_cast<std::ptrdiff_t>(entry.record.size()));
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        raw(sealed.data()), nullptr, raw(sealed.data()), sealed.size() - tag_bytes, raw(associated.bytes.data()),
        associated.bytes.size(), nullptr, raw(nonce.data()), raw(key.bytes().data()));
  };
  stored.record = encode_record(record->header, entry.record.size() + added_bytes, fill);
  return stored;
}

bool is_encrypted(const Record& record) {
  const auto payload = record.payload.bytes();
  return payload.size() >= record_header_bytes + added_bytes && std::ranges::equal(payload.first(start_bytes), start());
}

std::optional<TierHit> decrypt_entry(RecordKind kind, const TierHit& stored, std::span<const Secret> keys) {
  if (!is_encrypted(stored.record)) return std::nullopt;
  const auto payload = stored.record.payload.bytes();
  const auto nonce = payload.subspan(start_bytes, nonce_bytes), sealed = payload.subspan(ciphertext_at);
  const Key associated = associated_data(kind, stored.entry.key, stored.entry, stored.record.header);
  bool is_whole = false;
  const auto plaintext =
      std::make_shared<const Blob>(Blob::filled(sealed.size() - tag_bytes, [&](std::span<std::byte> place) {
        is_whole = std::ranges::any_of(
            keys, [&](const Secret& key) { return decrypt(nonce, sealed, associated, key, place); });
      }));
  if (!is_whole) return std::nullopt;

  const auto bytes = plaintext->bytes();
  TierHit hit;
  std::ranges::copy(bytes.last(key_bytes), hit.entry.key.bytes.begin());
  hit.entry.tenant = stored.entry.tenant;
  hit.entry.images = stored.entry.images;
  hit.entry.record = Blob::sharing(plaintext, bytes.first(bytes.size() - key_bytes));
  auto record = view_record(hit.entry.record);  // who has the key encrypts records
  if (!record || record->header != stored.record.header || encrypted_key(hit.entry.key) != stored.entry.key)
    return std::nullopt;
  hit.record = std::move(*record);
  return hit;
}

}  // namespace fovea
