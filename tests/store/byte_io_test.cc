// ByteWriter and ByteReader: little-endian fields, and nothing beyond the end.
#include "store/byte_io.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace fovea {
namespace {

Key counted_key() {
  Key key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<std::byte>(i);
  return key;
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// One field of each type.
ByteWriter all_fields() {
  ByteWriter writer;
  writer.u8(0xfe).u32(0x01020304).u64(0x1112131415161718).i32(-2).f32(-0.5F).f64(0.1).key(counted_key());
  writer.text("three").bytes(std::as_bytes(std::span("xy", 2)));
  return writer;
}

TEST(ByteIo, WritesLittleEndian) {
  ByteWriter writer;
  writer.u8(0xfe).u32(0x01020304).u64(0x1112131415161718).i32(-2).f32(1.0F).f64(1.0).text("ab");
  EXPECT_EQ(text_of(writer.written()), std::string("\xfe"
                                                   "\x04\x03\x02\x01"
                                                   "\x18\x17\x16\x15\x14\x13\x12\x11"
                                                   "\xfe\xff\xff\xff"
                                                   "\x00\x00\x80\x3f"
                                                   "\x00\x00\x00\x00\x00\x00\xf0\x3f"
                                                   "\x02\x00\x00\x00"
                                                   "ab",
                                                   35));
}

TEST(ByteIo, ComesBackAsItWas) {
  const ByteWriter writer = all_fields();
  ByteReader reader(writer.written());
  EXPECT_EQ(reader.u8(), 0xfe);
  EXPECT_EQ(reader.u32(), 0x01020304U);
  EXPECT_EQ(reader.u64(), 0x1112131415161718U);
  EXPECT_EQ(reader.i32(), -2);
  EXPECT_EQ(reader.f32(), -0.5F);
  EXPECT_EQ(reader.f64(), 0.1);
  EXPECT_EQ(reader.key(), counted_key());
  EXPECT_EQ(reader.text(), "three");
  EXPECT_FALSE(reader.finished());
  EXPECT_EQ(text_of(reader.bytes(2)), "xy");
  EXPECT_TRUE(reader.finished());
}

TEST(ByteIo, KeepsEveryBitOfANumber) {
  ByteWriter writer;
  writer.f64(-0.0).f64(std::numeric_limits<double>::denorm_min()).f64(std::nan("7")).f32(-INFINITY);
  writer.i32(std::numeric_limits<std::int32_t>::min()).u64(std::numeric_limits<std::uint64_t>::max());
  ByteReader reader(writer.written());
  EXPECT_TRUE(std::signbit(reader.f64()));
  EXPECT_EQ(reader.f64(), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(std::bit_cast<std::uint64_t>(reader.f64()), std::bit_cast<std::uint64_t>(std::nan("7")));
  EXPECT_EQ(reader.f32(), -INFINITY);
  EXPECT_EQ(reader.i32(), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(reader.u64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(reader.finished());
}

// Bytes cut off anywhere: the reader fails at the field that is cut, and gives zero from there on.
TEST(ByteIo, FailsAtTheFieldThatIsCut_Incident17) {
  const ByteWriter writer = all_fields();
  for (std::size_t size = 0; size < writer.written().size(); ++size) {
    const std::vector<std::byte> cut(writer.written().begin(), writer.written().begin() + size);
    ByteReader reader(cut);
    const bool has_u8 = reader.u8() == 0xfe, has_u32 = reader.u32() != 0, has_u64 = reader.u64() != 0;
    EXPECT_EQ(has_u8, size >= 1) << size;
    EXPECT_EQ(has_u32, size >= 5) << size;
    EXPECT_EQ(has_u64, size >= 13) << size;
    EXPECT_EQ(reader.i32() != 0, size >= 17) << size;
    EXPECT_EQ(reader.f32() != 0, size >= 21) << size;
    EXPECT_EQ(reader.f64() != 0, size >= 29) << size;
    EXPECT_EQ(reader.key() != Key{}, size >= 61) << size;
    EXPECT_EQ(!reader.text().empty(), size >= 70) << size;
    EXPECT_TRUE(reader.bytes(2).empty()) << size;
    EXPECT_FALSE(reader.ok()) << size;
    EXPECT_FALSE(reader.finished()) << size;
  }
}

// Room behind the failed field does not make a later one good.
TEST(ByteIo, StaysFailed) {
  ByteWriter writer;
  writer.u32(1).u32(2);
  ByteReader reader(writer.written());
  EXPECT_TRUE(reader.bytes(9).empty());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_TRUE(reader.bytes(0).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteIo, ATextIsNoLongerThanItsBytes_Incident17) {
  ByteWriter writer;
  writer.u32(0xffffffff).bytes(std::as_bytes(std::span("abc", 3)));
  ByteReader reader(writer.written());
  EXPECT_EQ(reader.text(), "");
  EXPECT_FALSE(reader.ok());
}

TEST(ByteIo, CountsOnlyItemsThatCanBeThere_Incident17) {
  ByteWriter writer;
  writer.u32(2).u64(7).u64(8);
  EXPECT_EQ(ByteReader(writer.written()).count(8), 2U);
  ByteReader larger(writer.written());
  EXPECT_EQ(larger.count(9), 0U);
  EXPECT_FALSE(larger.ok());

  ByteWriter absurd;
  absurd.u32(0xffffffff).u64(7);
  ByteReader reader(absurd.written());
  EXPECT_EQ(reader.count(1), 0U);
  EXPECT_FALSE(reader.ok());
}

TEST(ByteIo, ReadsNothingFromNothing) {
  EXPECT_TRUE(ByteReader({}).finished());
  ByteReader reader({});
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_FALSE(reader.ok());

  ByteWriter empty;
  empty.text("");
  ByteReader text(empty.written());
  EXPECT_EQ(text.text(), "");
  EXPECT_TRUE(text.finished());
}

}  // namespace
}  // namespace fovea
