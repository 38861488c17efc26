// As in a record, the seal is attended to before every field that it covers, but for those that say where it
// lies. The key is compared last: a sound entry of another key is somebody's mistake and not damage.
#include "store/sealed_entry.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/digest.h"
#include "store/byte_io.h"

namespace fovea {

namespace {

constexpr std::string_view magic = "FOVEAENT";
constexpr std::uint8_t version = 1;
constexpr std::uint8_t seal_blake3 = 1;        // without a key
constexpr std::uint8_t seal_blake3_keyed = 2;  // a MAC
constexpr std::size_t start_bytes = 16;        // up to and with the number of images
constexpr std::size_t fixed_bytes = start_bytes + 32 + 32 + 8;
constexpr std::size_t image_bytes = 32 + 8;
constexpr std::size_t seal_bytes = sizeof(Digest);

constexpr std::size_t head_bytes_of(std::size_t images) {
  constexpr std::size_t alignment = 64;  // of the record behind it
  return (fixed_bytes + image_bytes * images + seal_bytes + alignment - 1) / alignment * alignment;
}

// Over the head up to the seal and the record's header, which holds the checksum of the payload.
Digest seal_of(std::span<const std::byte> head, std::span<const std::byte> record_header, const SealKey* key) {
  const auto sealed = head.first(head.size() - seal_bytes);
  return key != nullptr ? keyed_digest(*key, {sealed, record_header}) : digest({sealed, record_header});
}

bool is_sealed(std::span<const std::byte> head, std::span<const std::byte> record_header, std::uint8_t seal,
               std::span<const SealKey> keys) {
  const auto written = head.last<seal_bytes>();
  if (keys.empty()) return seal == seal_blake3 && is_equal(seal_of(head, record_header, nullptr), written);
  return seal == seal_blake3_keyed && std::ranges::any_of(keys, [&](const SealKey& key) {
           return is_equal(seal_of(head, record_header, &key), written);
         });
}

}  // namespace

std::vector<std::byte> seal_entry(RecordKind kind, const TierEntry& entry, const Generations& generations,
                                  const SealKey* key) {
  check(entry.images.size() <= entry_images_max && entry.images.size() == generations.images.size(),
        "an entry has a bounded number of images, and a generation for each");
  check(entry.record.size() >= record_header_bytes, "an entry holds a record");
  ByteWriter fields;
  fields.bytes(std::as_bytes(std::span(magic))).u8(version).u8(key != nullptr ? seal_blake3_keyed : seal_blake3);
  fields.u8(static_cast<std::uint8_t>(kind)).u8(0).u32(static_cast<std::uint32_t>(entry.images.size()));
  fields.key(entry.key).key(entry.tenant).u64(generations.tenant);
  for (std::size_t i = 0; i < entry.images.size(); ++i) fields.key(entry.images[i]).u64(generations.images[i]);
  std::vector<std::byte> head(fields.written().begin(), fields.written().end());
  head.resize(head_bytes_of(entry.images.size()));
  std::ranges::copy(seal_of(head, entry.record.bytes().first(record_header_bytes), key), head.end() - seal_bytes);
  return head;
}

std::expected<std::size_t, RecordFault> sealed_head_bytes(std::span<const std::byte> entry) {
  using enum RecordFault;
  if (entry.size() < start_bytes) return std::unexpected(too_short);
  ByteReader reader(entry.first(start_bytes));
  if (!std::ranges::equal(reader.bytes(magic.size()), std::as_bytes(std::span(magic))))
    return std::unexpected(wrong_magic);
  const std::uint8_t written_version = reader.u8(), seal = reader.u8();
  if (written_version != version || (seal != seal_blake3 && seal != seal_blake3_keyed))
    return std::unexpected(unknown_version);
  reader.u8();
  reader.u8();
  const std::uint32_t images = reader.u32();
  if (images > entry_images_max) return std::unexpected(wrong_length);
  return head_bytes_of(images);
}

std::expected<OpenedEntry, RecordFault> open_entry(std::span<const std::byte> head, const Blob& record, RecordKind kind,
                                                   const Key& key, std::span<const SealKey> keys) {
  using enum RecordFault;
  const auto head_bytes = sealed_head_bytes(head);
  if (!head_bytes) return std::unexpected(head_bytes.error());
  if (head.size() != *head_bytes) return std::unexpected(wrong_length);
  if (record.size() < record_header_bytes) return std::unexpected(too_short);

  ByteReader reader(head.first(head.size() - seal_bytes));
  reader.bytes(magic.size());
  reader.u8();
  const std::uint8_t seal = reader.u8();
  if (!is_sealed(head, record.bytes().first(record_header_bytes), seal, keys)) return std::unexpected(wrong_checksum);
  const auto written_kind = static_cast<RecordKind>(reader.u8());
  const std::uint8_t reserved = reader.u8();
  OpenedEntry opened{.hit = {.entry = {.record = record}}};
  TierEntry& entry = opened.hit.entry;
  const std::uint32_t images = reader.u32();
  entry.key = reader.key();
  entry.tenant = reader.key();
  opened.generations.tenant = reader.u64();
  for (std::uint32_t i = 0; i < images; ++i) {
    entry.images.push_back(reader.key());
    opened.generations.images.push_back(reader.u64());
  }
  const auto padding = reader.bytes(head.size() - seal_bytes - fixed_bytes - image_bytes * images);
  if (reserved != 0 || !std::ranges::all_of(padding, [](std::byte byte) { return byte == std::byte{}; }))
    return std::unexpected(invalid_field);

  auto decoded = decode_record(record);
  if (!decoded) return std::unexpected(decoded.error());
  if (written_kind != kind || decoded->header.kind != kind) return std::unexpected(wrong_kind);
  if (entry.key != key) return std::unexpected(wrong_key);
  opened.hit.record = std::move(*decoded);
  return opened;
}

}  // namespace fovea
