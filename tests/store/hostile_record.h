// What must hold of any bytes given as a record: a sound value with one encoding, or a fault that has a name.
// Shared by the fuzz target and by the test that replays its corpus; stops the program where it does not
// hold.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"
#include "base/digest.h"
#include "store/byte_io.h"
#include "store/record.h"

namespace fovea {

// The first byte of a corpus file says what the others are; anything else than these is taken as `as_record`.
constexpr std::uint8_t as_record = 0;
// The right one is put in: a fuzzer would never find it
constexpr std::uint8_t as_record_without_checksum = 1;
constexpr std::uint8_t as_fields = 2;  // of a header, then the payload
constexpr std::uint8_t as_reads = 3;   // how many reads, which, and what is read

inline void put_checksum(std::span<std::byte> record) {
  if (record.size() < record_header_bytes) return;
  const auto fields = record.first(record_header_bytes - sizeof(Digest));
  std::ranges::copy(digest({fields, record.subspan(record_header_bytes)}), fields.end());
}

inline void check_record(std::span<const std::byte> bytes) {
  const Blob blob = Blob::copy_of(bytes);
  const auto record = decode_record(blob);
  const auto viewed = view_record(blob);
  if (!record) {
    check(to_string(record.error()) != "unknown", "a fault has its name");
    check(!viewed || record.error() == RecordFault::wrong_checksum, "a view forgives nothing but the checksum");
    return;
  }
  const RecordHeader& header = record->header;
  check(to_string(header.kind) != "unknown", "a kind has its name");
  check(std::isfinite(header.cost_ms) && header.cost_ms >= 0, "a cost is bounded");
  check(header.importance >= 0 && header.importance <= 1, "importance is a share");
  check(std::isfinite(header.made_unix_ms), "a time is a time");
  check(record->payload.bytes().data() == blob.bytes().data() + record_header_bytes, "a payload is not copied");
  check(viewed && viewed->header == header, "a view says what the record says");
  const Blob again = encode_record(header, record->payload.bytes());
  check(again.text() == blob.text(), "a record has one encoding");
}

inline RecordHeader read_header(ByteReader& reader) {
  RecordHeader header{.kind = static_cast<RecordKind>(1 + reader.u8() % record_kinds)};
  header.importance = reader.f32();
  header.cost_ms = reader.f64();
  header.made_unix_ms = reader.f64();
  for (std::uint32_t& extent : header.shape) extent = reader.u32();
  header.scope = reader.key();
  return header;
}

inline void check_fields(std::span<const std::byte> bytes) {
  constexpr std::size_t fields_bytes = 69;
  if (bytes.size() < fields_bytes) return;
  ByteReader reader(bytes.first(fields_bytes));
  RecordHeader header = read_header(reader);
  check(reader.finished(), "the fields are these");
  const auto payload = bytes.subspan(fields_bytes);
  const Blob encoded = encode_record(header, payload);
  const auto decoded = decode_record(encoded, header.kind, header.scope);
  check(decoded.has_value(), "what is encoded can be decoded");
  check(std::ranges::equal(decoded->payload.bytes(), payload), "a payload comes back");

  // What the format does not allow came back as the header's comment says.
  if (!(header.cost_ms >= 0) || !std::isfinite(header.cost_ms)) header.cost_ms = 0;
  if (!std::isfinite(header.made_unix_ms)) header.made_unix_ms = 0;
  header.importance = std::isnan(header.importance) ? 0 : std::clamp(header.importance, 0.0F, 1.0F);
  check(decoded->header == header, "a header comes back");
  check_record(encoded.bytes());
}

inline void check_reads(std::span<const std::byte> bytes) {
  ByteReader reads(bytes);
  const std::vector<std::byte> ops = [&] {
    const auto taken = reads.bytes(reads.u8());
    return std::vector(taken.begin(), taken.end());
  }();
  for (const std::byte op : ops) {
    const bool was_ok = reads.ok();
    std::uint64_t seen = 0;  // what a failed read gives: zero or nothing
    switch (std::to_integer<unsigned>(op) % 10) {
      case 0:
        seen = reads.u8();
        break;
      case 1:
        seen = reads.u32();
        break;
      case 2:
        seen = reads.u64();
        break;
      case 3:
        seen = static_cast<std::uint32_t>(reads.i32());
        break;
      case 4:
        seen = std::bit_cast<std::uint32_t>(reads.f32());
        break;
      case 5:
        seen = std::bit_cast<std::uint64_t>(reads.f64());
        break;
      case 6:
        seen = reads.key().bits();
        break;
      case 7:
        for (const char c : reads.text()) seen |= static_cast<unsigned char>(c);
        break;
      case 8:
        for (const std::byte byte : reads.bytes(8)) seen |= std::to_integer<unsigned>(byte);
        break;
      default: {
        seen = reads.count(8);
        check(seen <= bytes.size() / 8, "items that are counted are there");
      }
    }
    check(was_ok || !reads.ok(), "a failed reader stays failed");
    check(reads.ok() || seen == 0, "a failed read gives nothing");
    check(reads.ok() || !reads.finished(), "a failed reader is not finished");
  }
}

// `file` as the corpus has it: a byte that says what it is, and the rest.
inline void check_hostile_record(std::span<const std::byte> file) {
  if (file.empty()) return;
  const auto bytes = file.subspan(1);
  switch (std::to_integer<std::uint8_t>(file[0])) {
    case as_record_without_checksum: {
      std::vector<std::byte> record(bytes.begin(), bytes.end());
      put_checksum(record);
      return check_record(record);
    }
    case as_fields:
      return check_fields(bytes);
    case as_reads:
      return check_reads(bytes);
    default:
      return check_record(bytes);
  }
}

}  // namespace fovea
