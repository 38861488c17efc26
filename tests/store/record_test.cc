// Record: its bytes are fixed, and nothing else than these bytes is one.
#include "store/record.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "base/digest.h"
#include "store/byte_io.h"

namespace fovea {
namespace {

using Bytes = std::vector<std::byte>;

// The bytes `first`, `first` + 1, ...
Key counted_key(std::uint8_t first) {
  Key key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<std::byte>(first + i);
  return key;
}

const Key scope = counted_key(0xa0);
const Key image = counted_key(0x10);
constexpr double made = 1795910400000;  // 2026-11-29

Bytes bytes_of(const Blob& blob) { return {blob.bytes().begin(), blob.bytes().end()}; }
Bytes bytes_of(const ByteWriter& writer) { return {writer.written().begin(), writer.written().end()}; }

struct Example {
  RecordHeader header;
  Bytes payload;
};

RecordHeader header_of(RecordKind kind, double cost_ms, float importance, double made_unix_ms) {
  return {.kind = kind, .scope = scope, .cost_ms = cost_ms, .importance = importance, .made_unix_ms = made_unix_ms};
}

Example embedding() {
  RecordHeader header = header_of(RecordKind::embedding, 182.5, 0.75F, made);
  header.shape = {2, 3, 0, 0};
  ByteWriter payload;
  for (const float value : {0.0F, 0.5F, -1.0F, 1.5F, 2.0F, -0.25F}) payload.f32(value);
  return {header, bytes_of(payload)};
}

Example tiling() {
  ByteWriter payload;
  payload.key(image).u32(2).key(counted_key(0x20)).f64(90.5).key(counted_key(0x40)).f64(92);
  return {header_of(RecordKind::tiling, 3.25, 0.5F, made + 1), bytes_of(payload)};
}

Example prefix() {
  ByteWriter payload;
  for (std::uint8_t i = 0; i < 40; ++i) payload.u8(i);
  return {header_of(RecordKind::prefix, 250, 1, made + 2), bytes_of(payload)};
}

Example response() {
  ByteWriter payload;
  payload.i32(87).i32(3).u8(0).u32(1).key(image).text("A cat.");
  return {header_of(RecordKind::response, 410, 0.5F, made + 3), bytes_of(payload)};
}

Example relayed_response() {
  ByteWriter payload;
  payload.u8(1).u32(1).key(image).text(R"({"object":"chat.completion"})");
  return {header_of(RecordKind::relayed_response, 900, 0.25F, made + 4), bytes_of(payload)};
}

Example source_alias() {
  ByteWriter payload;
  payload.key(image).u32(640).u32(480);
  return {header_of(RecordKind::source_alias, 0, 0, made + 5), bytes_of(payload)};
}

std::vector<Example> examples() {
  return {embedding(), tiling(), prefix(), response(), relayed_response(), source_alias()};
}

std::string file_text(const std::string& path) {
  std::ifstream file(FOVEA_SOURCE_DIR "/" + path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string golden_text(RecordKind kind) {
  return file_text("tests/store/golden/" + std::string(to_string(kind)) + ".hex");
}

Bytes golden(RecordKind kind) {
  std::istringstream digits(golden_text(kind));
  Bytes bytes;
  for (unsigned byte; digits >> std::hex >> byte;) bytes.push_back(static_cast<std::byte>(byte));
  return bytes;
}

// With the checksum that the bytes should have.
Bytes checksummed(Bytes record) {
  const std::span<const std::byte> bytes(record);
  std::ranges::copy(digest({bytes.first(96), bytes.subspan(128)}), record.begin() + 96);
  return record;
}

Bytes number(double value) { return bytes_of(ByteWriter().f64(value)); }
Bytes number(float value) { return bytes_of(ByteWriter().f32(value)); }

// A sound record but for `field` at `at`, with the right checksum.
Bytes with(std::size_t at, const Bytes& field) {
  Bytes record = golden(RecordKind::tiling);
  std::ranges::copy(field, record.begin() + static_cast<std::ptrdiff_t>(at));
  return checksummed(record);
}

// The fault's name, or "" for a record.
std::string fault_of(const Bytes& bytes) {
  const auto record = decode_record(Blob::copy_of(bytes));
  return record ? "" : std::string(to_string(record.error()));
}

// A change of these files is a change of the format: raise its version instead of editing them.
TEST(Record, HasTheBytesOfTheGoldenFiles) {
  for (const auto& [header, payload] : examples())
    EXPECT_EQ(bytes_of(encode_record(header, payload)), golden(header.kind)) << to_string(header.kind);
}

TEST(Record, ReadsTheGoldenFiles) {
  for (const auto& [header, payload] : examples()) {
    const auto record = decode_record(Blob::copy_of(golden(header.kind)), header.kind, scope);
    ASSERT_TRUE(record) << to_string(record.error());
    EXPECT_EQ(record->header, header);
    EXPECT_EQ(bytes_of(record->payload), payload);
  }
}

TEST(Record, IsWorkedThroughInTheDocument) {
  const std::string document = file_text("docs/format.md");
  std::istringstream lines(golden_text(RecordKind::embedding));
  std::size_t at = 0;
  for (std::string line; std::getline(lines, line); ++at) {
    at = document.find(line, at);
    ASSERT_NE(at, std::string::npos) << line;
  }
}

TEST(Record, HasAPayloadThatIsWrittenAndReadInPlace) {
  const std::byte* place = nullptr;
  const Blob blob = encode_record(prefix().header, 1000, [&](std::span<std::byte> payload) {
    ASSERT_EQ(payload.size(), 1000U);
    place = payload.data();
    std::ranges::fill(payload, std::byte{7});
  });
  const auto record = decode_record(blob);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->payload.bytes().data(), place);
  EXPECT_EQ(bytes_of(record->payload), Bytes(1000, std::byte{7}));
}

TEST(Record, KeepsThePayloadAligned) {
  for (const std::size_t size : {0, 1, 63, 64, 65, 1 << 20}) {
    const auto record = decode_record(encode_record(prefix().header, Bytes(size)));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->payload.size(), size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(record->payload.bytes().data()) % 64, 0U) << size;
  }
}

TEST(Record, ThePayloadOutlivesTheRecordsBytes_Incident12) {
  Blob payload;
  {
    const Blob blob = encode_record(response().header, response().payload);
    payload = decode_record(blob)->payload;
  }
  EXPECT_EQ(bytes_of(payload), response().payload);
}

TEST(Record, WritesWhatTheFormatDoesNotAllowAsALevelTakesIt) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  for (const double wrong : {-1.0, -0.0, std::nan(""), inf, -inf}) {
    RecordHeader header = prefix().header;
    header.cost_ms = wrong;
    header.importance = static_cast<float>(wrong);
    header.made_unix_ms = wrong;
    const auto record = decode_record(encode_record(header, prefix().payload));
    ASSERT_TRUE(record) << wrong;
    EXPECT_EQ(record->header.cost_ms, 0) << wrong;
    EXPECT_EQ(record->header.importance, wrong == inf ? 1.0F : 0.0F) << wrong;
    EXPECT_EQ(record->header.made_unix_ms, std::isfinite(wrong) ? wrong : 0) << wrong;
  }
}

TEST(Record, NoBitCanBeFlipped_Incident17) {
  for (const auto& [header, payload] : examples()) {
    Bytes record = golden(header.kind);
    for (std::size_t bit = 0; bit < 8 * record.size(); ++bit) {
      const auto mask = static_cast<std::byte>(1 << bit % 8);
      record[bit / 8] ^= mask;
      EXPECT_NE(fault_of(record), "") << to_string(header.kind) << ", bit " << bit;
      record[bit / 8] ^= mask;
    }
    EXPECT_EQ(fault_of(record), "");
  }
}

TEST(Record, CanNotBeCut_Incident17) {
  const Bytes record = golden(RecordKind::response);
  for (std::size_t size = 0; size < record.size(); ++size) {
    const Bytes cut(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(fault_of(cut), size < record_header_bytes ? "too_short" : "wrong_length") << size;
  }
}

TEST(Record, CanNotBeCutEvenByOneWhoKnowsTheChecksum) {
  Bytes record = golden(RecordKind::response);
  while (record.size() > record_header_bytes) {
    record.pop_back();
    EXPECT_EQ(fault_of(checksummed(record)), "wrong_length") << record.size();
  }
}

TEST(Record, IsFollowedByNothing) {
  Bytes record = golden(RecordKind::response);
  for (int i = 0; i < 70; ++i) {
    record.push_back(std::byte{0});
    EXPECT_EQ(fault_of(record), "wrong_length");
  }
}

TEST(Record, SaysWhyBytesAreNone) {
  using namespace std::string_literals;
  EXPECT_EQ(fault_of({}), "too_short");
  EXPECT_EQ(fault_of(with(0, {std::byte{'f'}})), "wrong_magic");
  EXPECT_EQ(fault_of(with(8, {std::byte{2}})), "unknown_version");
  EXPECT_EQ(fault_of(with(8, {std::byte{0}})), "unknown_version");
  EXPECT_EQ(fault_of(with(9, {std::byte{2}})), "unknown_version");
  EXPECT_EQ(fault_of(with(10, {std::byte{0}})), "unknown_kind");
  EXPECT_EQ(fault_of(with(10, {std::byte{99}})), "unknown_kind");
  EXPECT_EQ(fault_of(with(11, {std::byte{1}})), "invalid_field");
  EXPECT_EQ(fault_of(with(63, {std::byte{1}})), "invalid_field");
  Bytes damaged = golden(RecordKind::tiling);
  damaged[10] = std::byte{99};  // a kind that damage made is damage, no later kind
  EXPECT_EQ(fault_of(damaged), "wrong_checksum");
}

TEST(Record, BelievesNoLength_Incident17) {
  for (const std::uint64_t length :
       {std::numeric_limits<std::uint64_t>::max(), record_payload_bytes_max + 1, record_payload_bytes_max,
        std::uint64_t{0} - record_header_bytes, std::uint64_t{0}})
    EXPECT_EQ(fault_of(with(16, bytes_of(ByteWriter().u64(length)))), "wrong_length") << length;
}

TEST(Record, HasNumbersInTheirRange) {
  const float nan_f = std::nanf("");
  constexpr double inf = std::numeric_limits<double>::infinity();
  for (const double cost : {-1.0, -0.0, std::nan(""), -std::nan(""), inf, -inf})
    EXPECT_EQ(fault_of(with(24, number(cost))), "invalid_field") << cost;
  for (const double time : {std::nan(""), -std::nan(""), inf, -inf})
    EXPECT_EQ(fault_of(with(32, number(time))), "invalid_field") << time;
  for (const float importance : {-0.5F, -0.0F, std::nextafter(1.0F, 2.0F), nan_f, -nan_f, HUGE_VALF})
    EXPECT_EQ(fault_of(with(12, number(importance))), "invalid_field") << importance;
  EXPECT_EQ(fault_of(with(24, number(std::numeric_limits<double>::max()))), "");
  EXPECT_EQ(fault_of(with(32, number(-1.0))), "");
  EXPECT_EQ(fault_of(with(12, number(1.0F))), "");
}

TEST(Record, IsOfTheKindAndScopeThatWereLookedFor) {
  for (const auto& [header, payload] : examples()) {
    const Blob blob = encode_record(header, payload);
    for (const Example& other : examples()) {
      const auto record = decode_record(blob, other.header.kind, scope);
      EXPECT_EQ(record.has_value(), other.header.kind == header.kind);
      if (!record) {
        EXPECT_EQ(record.error(), RecordFault::wrong_kind);
      }
    }
    Key other_scope = scope;
    other_scope.bytes.back() ^= std::byte{1};
    const auto record = decode_record(blob, header.kind, other_scope);
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error(), RecordFault::wrong_scope);
  }
}

// Damage is counted as damage before it is taken for somebody else's.
TEST(Record, ADamagedScopeIsNoOtherScope) {
  Bytes record = golden(RecordKind::response);
  record[64] ^= std::byte{1};
  EXPECT_EQ(decode_record(Blob::copy_of(record), RecordKind::response, scope).error(), RecordFault::wrong_checksum);
}

TEST(Record, AViewForgivesNothingButTheChecksum) {
  for (const auto& [header, payload] : examples()) {
    Bytes bytes = golden(header.kind);
    const auto viewed = view_record(Blob::copy_of(bytes));
    ASSERT_TRUE(viewed);
    EXPECT_EQ(viewed->header, header);
    EXPECT_EQ(bytes_of(viewed->payload), payload);
    bytes.back() ^= std::byte{1};
    EXPECT_TRUE(view_record(Blob::copy_of(bytes)));
    bytes.pop_back();
    EXPECT_EQ(view_record(Blob::copy_of(bytes)).error(), RecordFault::wrong_length);
  }
  EXPECT_EQ(view_record(Blob::copy_of(with(24, number(-1.0)))).error(), RecordFault::invalid_field);
}

}  // namespace
}  // namespace fovea
