#include "store/value/value_payload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "store/record.h"
#include "store/value/hostile_value.h"

namespace fovea {
namespace {

using Bytes = std::vector<std::byte>;
using enum ElementType;

// The payload of arrays whose bytes count up from 1.
Bytes payload_of(const ValueFacts& facts) {
  const auto layout = ValueLayout::of(facts);
  EXPECT_TRUE(layout) << layout.error().message;
  Bytes payload(layout->payload_bytes(), std::byte{0xff});
  layout->write_around(facts, payload);
  unsigned next = 1;
  for (std::size_t i = 0; i < facts.arrays.size(); ++i) {
    for (std::byte& byte : std::span(payload).subspan(layout->offset(i), layout->bytes(i)))
      byte = static_cast<std::byte>(next++);
  }
  return payload;
}

// The example of docs/format.md.
ValueFacts example() {
  return {.is_sequence = true,
          .arrays = {{.type = float32, .extents = {2, 3}}, {.type = uint8, .extents = {5}}},
          .expires_unix_ms = 1'800'000'000'000};
}

Bytes golden(const std::string& name) {
  std::ifstream digits(FOVEA_SOURCE_DIR "/tests/store/golden/" + name);
  EXPECT_TRUE(digits) << name;
  Bytes bytes;
  for (unsigned byte; digits >> std::hex >> byte;) bytes.push_back(static_cast<std::byte>(byte));
  return bytes;
}

Fault fault_of(const ValueFacts& facts) {
  const auto layout = ValueLayout::of(facts);
  EXPECT_FALSE(layout);
  return layout ? Fault::internal : layout.error().fault;
}

// A change of this file is a change of the format.
TEST(ValuePayload, HasTheBytesOfTheGoldenFile) { EXPECT_EQ(payload_of(example()), golden("value_payload.hex")); }

TEST(ValuePayload, ReadsTheGoldenFile) {
  const Bytes payload = golden("value_payload.hex");
  const auto value = read_value(payload);
  ASSERT_TRUE(value);
  EXPECT_TRUE(value->is_sequence);
  EXPECT_EQ(value->expires_unix_ms, 1'800'000'000'000);
  ASSERT_EQ(value->arrays.size(), 2u);
  EXPECT_EQ(value->arrays[0].shape, example().arrays[0]);
  EXPECT_EQ(value->arrays[0].bytes.size(), 24u);
  EXPECT_EQ(value->arrays[0].bytes[0], std::byte{1});
  EXPECT_EQ(value->arrays[1].bytes[4], std::byte{29});
}

TEST(ValuePayload, ReadsWhatItWrites) {
  const std::vector<ValueFacts> all{
      {.arrays = {{.type = uint8, .extents = {0}}}},
      {.arrays = {{.type = float64, .extents = {}}}},
      {.arrays = {{.type = bfloat16, .extents = {729, 1152}}}, .expires_unix_ms = 1},
      {.arrays = {{.type = complex128, .extents = {3, 0, 5}}}},
      {.is_sequence = true},
      {.is_sequence = true, .arrays = {{.type = boolean, .extents = {1}}}},
      {.is_sequence = true, .arrays = std::vector<ArrayShape>(value_arrays_max, {.type = int8, .extents = {1, 1}})},
  };
  for (const ValueFacts& facts : all) {
    const Bytes payload = payload_of(facts);
    const auto value = read_value(payload);
    ASSERT_TRUE(value);
    EXPECT_EQ(value->is_sequence, facts.is_sequence);
    EXPECT_EQ(value->expires_unix_ms, facts.expires_unix_ms);
    EXPECT_TRUE(std::ranges::equal(value->arrays, facts.arrays, {}, &StoredArray::shape));
    check_hostile_value(payload);
  }
}

TEST(ValuePayload, ArraysOfARecordAreAligned) {
  const Bytes payload = payload_of(example());
  const Blob record = encode_record({.kind = RecordKind::value}, payload);
  const auto value = read_value(decode_record(record)->payload.bytes());
  ASSERT_TRUE(value);
  for (const StoredArray& array : value->arrays)
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.bytes.data()) % 64, 0u);
}

TEST(ValuePayload, WhatCannotBeStoredIsRefused) {
  EXPECT_EQ(fault_of({}), Fault::invalid) << "no array";
  EXPECT_EQ(fault_of({.arrays = {2, ArrayShape{.extents = {1}}}}), Fault::invalid);
  EXPECT_EQ(fault_of({.arrays = {{.type = ElementType{99}}}}), Fault::invalid);
  EXPECT_EQ(fault_of({.arrays = {{.extents = {-1}}}}), Fault::invalid);
  EXPECT_EQ(fault_of({.arrays = {{.extents = {1}}}, .expires_unix_ms = -1}), Fault::invalid);
  EXPECT_EQ(fault_of({.arrays = {{.extents = {1}}}, .expires_unix_ms = NAN}), Fault::invalid);
  EXPECT_EQ(fault_of({.arrays = {{.extents = std::vector<std::int64_t>(33, 1)}}}), Fault::too_large);
  EXPECT_EQ(fault_of({.is_sequence = true, .arrays = std::vector<ArrayShape>(4097)}), Fault::too_large);
  constexpr std::int64_t huge = std::int64_t{1} << 62;
  EXPECT_EQ(fault_of({.arrays = {{.extents = {huge}}}}), Fault::too_large);
  EXPECT_EQ(fault_of({.arrays = {{.extents = {0, huge, huge}}}}), Fault::too_large) << "whose strides overflow";
  EXPECT_EQ(fault_of({.arrays = {{.extents = {huge, 4}}}}), Fault::too_large);
  EXPECT_EQ(fault_of({.is_sequence = true, .arrays = {2, ArrayShape{.extents = {std::int64_t{1} << 40}}}}),
            Fault::too_large);
}

TEST(ValuePayload, RefusesWhatIsNone) {
  const Bytes sound = payload_of(example());
  const auto with = [&](std::size_t at, unsigned byte) {
    Bytes changed = sound;
    changed[at] = static_cast<std::byte>(byte);
    return read_value(changed).has_value();
  };
  EXPECT_TRUE(with(0, 1));
  EXPECT_FALSE(with(0, 2)) << "version";
  EXPECT_FALSE(with(1, 0)) << "form";
  EXPECT_FALSE(with(1, 1)) << "one array is one";
  EXPECT_FALSE(with(2, 1)) << "reserved";
  EXPECT_FALSE(with(4, 3)) << "count";
  EXPECT_FALSE(with(7, 0xff)) << "count beyond its bytes";
  EXPECT_FALSE(with(15, 0xff)) << "expiry";
  EXPECT_FALSE(with(16, 0)) << "type";
  EXPECT_FALSE(with(17, 33)) << "rank";
  EXPECT_FALSE(with(20, 1)) << "reserved";
  EXPECT_FALSE(with(31, 0x80)) << "negative extent";
  EXPECT_FALSE(with(56, 1)) << "between head and elements";
  EXPECT_FALSE(with(64 + 24, 1)) << "between two arrays";
  EXPECT_TRUE(with(64, 99)) << "elements are any";
  for (std::size_t size = 0; size < sound.size(); ++size)
    EXPECT_FALSE(read_value(std::span(sound).first(size))) << size;
  Bytes longer = sound;
  longer.push_back({});
  EXPECT_FALSE(read_value(longer));
}

Bytes file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST(ValuePayload, TheCorpusAndWhatIsMadeOfItEndsInValuesOrNone) {
  std::mt19937 draw(1);
  std::size_t values = 0, files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/value_payload")) {
    const Bytes file = file_bytes(entry.path());
    check_hostile_value(file);
    ++files;
    values += read_value(file).has_value();
    for (int round = 0; round < 500 && !file.empty(); ++round) {
      Bytes damaged = file;
      for (int i = 0; i < 2; ++i) damaged[draw() % damaged.size()] = static_cast<std::byte>(draw());
      if (draw() % 4 == 0) damaged.resize(draw() % (damaged.size() + 1));
      check_hostile_value(damaged);
    }
  }
  EXPECT_GE(values, 4u);
  EXPECT_GT(files, values) << "and some that are none";
}

}  // namespace
}  // namespace fovea
