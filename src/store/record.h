// Record: the one form of everything that Fovea caches: a header that says what it is and for whom, the
// value, and a checksum over both. docs/format.md describes every byte.
//
// A value that comes back from a disk or another machine is believed only as far as its record proves it.
// Pure functions; thread-safe. A decoded payload shares the bytes that it was decoded from and keeps them
// alive.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <utility>

#include "fovea/blob.h"
#include "fovea/key.h"

namespace fovea {

// What a stored value is. The numbers are in the format: never reuse one.
enum class RecordKind : std::uint8_t {
  embedding = 1,         // of one tile
  tiling = 2,            // an image's tiles, by their embedding keys
  prefix = 3,            // the decoder's state behind the first items of a prompt
  response = 4,          // a finished answer
  relayed_response = 5,  // another server's answer
  source_alias = 6,      // which image a source's bytes decode to
  file = 7,              // that somebody uploaded
  value = 8,             // arrays of another program (value/value_payload.h)
};

constexpr std::size_t record_kinds = 8;  // how many there are

// All of them, in order.
constexpr std::array<RecordKind, record_kinds> all_record_kinds = {
    RecordKind::embedding,        RecordKind::tiling,       RecordKind::prefix, RecordKind::response,
    RecordKind::relayed_response, RecordKind::source_alias, RecordKind::file,   RecordKind::value};

// As it is printed, such as "relayed_response".
std::string_view to_string(RecordKind kind);

// The kinds of places that records lie in, the nearest first.
enum class TierKind : std::uint8_t { memory, disk, shared };

// As it is printed, such as "disk".
std::string_view to_string(TierKind kind);

// Everything besides the payload.
struct RecordHeader {
  RecordKind kind = RecordKind::embedding;
  Key scope;                // who may see it
  double cost_ms = 0;       // compute that a hit saves; what is negative or not finite is written as 0
  float importance = 0.5F;  // [0, 1]; clamped when written
  double made_unix_ms = 0;  // by the wall clock; what is not finite is written as 0
  // Of the payload, by kind: an embedding's {tokens, width, 0, 0}; 0 where unused. The last of a prefix's and
  // a response's is how many of the images that label it, the last ones, only a purge goes by.
  std::array<std::uint32_t, 4> shape{};

  std::uint32_t unnamed_images() const {
    return kind == RecordKind::prefix || kind == RecordKind::response ? shape[3] : 0;
  }

  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

struct Record {
  RecordHeader header;
  Blob payload;                          // shares the bytes of what was decoded
  TierKind found_in = TierKind::memory;  // where a store had it
};

// Why bytes are no record, or not the one that was looked for.
enum class RecordFault : std::uint8_t {
  too_short,        // not even a header
  wrong_magic,      // something else than a record
  unknown_version,  // of a later format, or with a check that this version does not know
  unknown_kind,
  wrong_length,    // cut off, or followed by something
  wrong_checksum,  // changed since it was written
  invalid_field,   // a field outside its range: who wrote it did not keep to the format
  wrong_kind,      // sound, but of another kind than was looked for
  wrong_scope,     // sound, but not for whom it was looked for
  wrong_key,       // of a tier: sound, but stored under another key
  purged,          // of a tier: its tenant or an image of it was purged since
};
constexpr std::size_t record_faults = 11;  // how many there are

// As it is printed and counted, such as "wrong_checksum".
std::string_view to_string(RecordFault fault);

// A multiple of 64, so that the payload is aligned to 64 bytes where the record is, as in any Blob that was
// copied or filled.
constexpr std::size_t record_header_bytes = 128;
// More than any machine holds. It keeps sums of lengths far from overflow.
constexpr std::uint64_t record_payload_bytes_max = std::uint64_t{1} << 40;

// Writes the header, with the checksum, in front of the payload that `record` holds behind it already.
// REQUIRES: a kind of RecordKind; record_header_bytes <= record.size(), with a payload of
// record_payload_bytes_max at most.
void seal_record(const RecordHeader& header, std::span<std::byte> record);

// The record's bytes. `fill(std::span<std::byte>)` writes the payload where it stays: nothing is copied.
template <typename Fill>
Blob encode_record(const RecordHeader& header, std::size_t payload_bytes, Fill&& fill) {
  return Blob::filled(record_header_bytes + payload_bytes, [&](std::span<std::byte> record) {
    std::forward<Fill>(fill)(record.subspan(record_header_bytes));
    seal_record(header, record);
  });
}
// The same with `payload`, copied once.
Blob encode_record(const RecordHeader& header, std::span<const std::byte> payload);

// The record in `bytes`, if they are one and exactly one. Hashes all of them.
std::expected<Record, RecordFault> decode_record(const Blob& bytes);
// The same, if it is of this kind and scope.
std::expected<Record, RecordFault> decode_record(const Blob& bytes, RecordKind kind, const Key& scope);

// decode_record without the checksum, so that a hit in memory does not cost a pass over the payload.
// REQUIRES: this process encoded or decoded these very bytes before, and they did not leave its memory since.
std::expected<Record, RecordFault> view_record(const Blob& bytes);

}  // namespace fovea
