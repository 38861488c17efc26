// The header is written and read field by field, so that its bytes are the same on every machine. A header
// and a payload have one encoding only: what encode_record would not write, decode_record refuses.
//
// The checksum is attended to before every field that it covers, but for those that say where it lies and
// what it covers (magic, version, check, length). So damage is counted as damage, and unknown_kind means a
// newer writer.
//
// The checksum is BLAKE3, which names everything else here too. XXH3 is 6 times as fast over a prefix state
// of 26 MiB (docs/format.md has the measurement), but it is a further library, and it cannot become a MAC
// where others can write.
#include "store/record.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>

#include "base/check.h"
#include "base/digest.h"
#include "store/byte_io.h"

namespace fovea {

namespace {

constexpr std::string_view magic = "FOVEAREC";
constexpr std::uint8_t version = 1;
constexpr std::uint8_t check_blake3 = 1;  // the checksum is BLAKE3 without a key, all 256 bits
// The checksum is the header's end: it covers what stands before it, and the payload.
constexpr std::size_t checksum_at = record_header_bytes - sizeof(Digest);
static_assert(record_header_bytes % 64 == 0 && checksum_at == 96);
// Payloads hold numbers that are used where they lie.
static_assert(std::endian::native == std::endian::little, "the format is little-endian");

Digest checksum_of(std::span<const std::byte> record) {
  return digest({record.first(checksum_at), record.subspan(record_header_bytes)});
}

bool is_known(RecordKind kind) { return kind >= RecordKind::embedding && kind <= RecordKind::value; }

// What a header says, as it says it.
struct Fields {
  RecordHeader header;
  std::uint64_t payload_bytes;
  std::uint64_t reserved;
};

Fields read_fields(ByteReader& reader) {
  Fields fields;
  fields.header.kind = static_cast<RecordKind>(reader.u8());
  fields.reserved = reader.u8();
  fields.header.importance = reader.f32();
  fields.payload_bytes = reader.u64();
  fields.header.cost_ms = reader.f64();
  fields.header.made_unix_ms = reader.f64();
  for (std::uint32_t& extent : fields.header.shape) extent = reader.u32();
  fields.reserved |= reader.u64();
  fields.header.scope = reader.key();
  check(reader.finished(), "the fields fill the header up to the checksum");
  return fields;
}

// Comparisons with NaN are false; -0 is refused too, since encode_record writes 0.
bool in_range(const Fields& fields) {
  const RecordHeader& header = fields.header;
  return fields.reserved == 0 && std::isfinite(header.cost_ms) && !std::signbit(header.cost_ms) &&
         header.importance <= 1 && !std::signbit(header.importance) && std::isfinite(header.made_unix_ms);
}

// Where `verifies` is false, the checksum is not attended to.
std::expected<Record, RecordFault> open_record(const Blob& blob, bool verifies) {
  using enum RecordFault;
  const std::span<const std::byte> bytes = blob.bytes();
  if (bytes.size() < record_header_bytes) return std::unexpected(too_short);
  ByteReader reader(bytes.first(checksum_at));
  if (!std::ranges::equal(reader.bytes(magic.size()), std::as_bytes(std::span(magic))))
    return std::unexpected(wrong_magic);
  if (reader.u8() != version || reader.u8() != check_blake3) return std::unexpected(unknown_version);
  const Fields fields = read_fields(reader);
  if (fields.payload_bytes != bytes.size() - record_header_bytes || fields.payload_bytes > record_payload_bytes_max)
    return std::unexpected(wrong_length);
  if (verifies && !std::ranges::equal(checksum_of(bytes), bytes.subspan(checksum_at, sizeof(Digest))))
    return std::unexpected(wrong_checksum);
  if (!is_known(fields.header.kind)) return std::unexpected(unknown_kind);
  if (!in_range(fields)) return std::unexpected(invalid_field);
  return Record{fields.header, Blob::sharing(std::make_shared<const Blob>(blob), bytes.subspan(record_header_bytes))};
}

}  // namespace

void seal_record(const RecordHeader& header, std::span<std::byte> record) {
  check(is_known(header.kind), "a record has a kind");
  check(record.size() >= record_header_bytes, "a record has room for its header");
  const std::uint64_t payload_bytes = record.size() - record_header_bytes;
  check(payload_bytes <= record_payload_bytes_max, "a record's payload is within its bound");

  // What the format does not allow is written as a Level takes it.
  const float importance = header.importance > 0 ? std::min(header.importance, 1.0F) : 0;
  const double cost_ms = std::isfinite(header.cost_ms) && header.cost_ms > 0 ? header.cost_ms : 0;
  const double made_unix_ms = std::isfinite(header.made_unix_ms) ? header.made_unix_ms : 0;
  ByteWriter fields;
  fields.bytes(std::as_bytes(std::span(magic))).u8(version).u8(check_blake3);
  fields.u8(static_cast<std::uint8_t>(header.kind)).u8(0).f32(importance).u64(payload_bytes);
  fields.f64(cost_ms).f64(made_unix_ms);
  for (const std::uint32_t extent : header.shape) fields.u32(extent);
  fields.u64(0).key(header.scope);
  check(fields.written().size() == checksum_at, "the fields fill the header up to the checksum");
  std::ranges::copy(fields.written(), record.begin());
  std::ranges::copy(checksum_of(record), record.begin() + checksum_at);
}

Blob encode_record(const RecordHeader& header, std::span<const std::byte> payload) {
  return encode_record(header, payload.size(),
                       [&](std::span<std::byte> place) { std::ranges::copy(payload, place.begin()); });
}

std::expected<Record, RecordFault> decode_record(const Blob& bytes) { return open_record(bytes, true); }

std::expected<Record, RecordFault> decode_record(const Blob& bytes, RecordKind kind, const Key& scope) {
  auto record = decode_record(bytes);
  if (!record) return record;
  if (record->header.kind != kind) return std::unexpected(RecordFault::wrong_kind);
  if (record->header.scope != scope) return std::unexpected(RecordFault::wrong_scope);
  return record;
}

std::expected<Record, RecordFault> view_record(const Blob& bytes) { return open_record(bytes, false); }

std::string_view to_string(RecordKind kind) {
  switch (kind) {
    case RecordKind::embedding:
      return "embedding";
    case RecordKind::tiling:
      return "tiling";
    case RecordKind::prefix:
      return "prefix";
    case RecordKind::response:
      return "response";
    case RecordKind::relayed_response:
      return "relayed_response";
    case RecordKind::source_alias:
      return "source_alias";
    case RecordKind::file:
      return "file";
    case RecordKind::value:
      return "value";
  }
  return "unknown";
}

std::string_view to_string(TierKind kind) {
  switch (kind) {
    case TierKind::memory:
      return "memory";
    case TierKind::disk:
      return "disk";
    case TierKind::shared:
      return "shared";
  }
  return "unknown";
}

std::string_view to_string(RecordFault fault) {
  switch (fault) {
    case RecordFault::too_short:
      return "too_short";
    case RecordFault::wrong_magic:
      return "wrong_magic";
    case RecordFault::unknown_version:
      return "unknown_version";
    case RecordFault::unknown_kind:
      return "unknown_kind";
    case RecordFault::wrong_length:
      return "wrong_length";
    case RecordFault::wrong_checksum:
      return "wrong_checksum";
    case RecordFault::invalid_field:
      return "invalid_field";
    case RecordFault::wrong_kind:
      return "wrong_kind";
    case RecordFault::wrong_scope:
      return "wrong_scope";
    case RecordFault::wrong_key:
      return "wrong_key";
    case RecordFault::purged:
      return "purged";
  }
  return "unknown";
}

}  // namespace fovea
