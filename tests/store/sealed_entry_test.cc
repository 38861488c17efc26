// SealedEntry: its bytes are fixed, and nothing else than these bytes is one.
#include "store/sealed_entry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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

const Key entry_key = counted_key(0x40), tenant = counted_key(0x60), image = counted_key(0x10);
const SealKey mac = counted_key(0xc0).bytes, other_mac = counted_key(0xc1).bytes;
using Keys = std::vector<SealKey>;
const Keys no_keys;

std::string file_text(const std::string& path) {
  std::ifstream file(FOVEA_SOURCE_DIR "/" + path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Bytes golden(const std::string& name) {
  std::istringstream digits(file_text("tests/store/golden/" + name + ".hex"));
  Bytes bytes;
  for (unsigned byte; digits >> std::hex >> byte;) bytes.push_back(static_cast<std::byte>(byte));
  return bytes;
}

// A head and the record behind it, apart as a tier reads them.
struct Halves {
  Bytes head;
  Bytes record;
};

Halves divided(const Bytes& entry) {
  const std::size_t head_bytes = sealed_head_bytes(entry).value_or(0);
  return {{entry.begin(), entry.begin() + static_cast<std::ptrdiff_t>(head_bytes)},
          {entry.begin() + static_cast<std::ptrdiff_t>(head_bytes), entry.end()}};
}

// With one image, and a record of kind embedding: the golden files' entry.
TierEntry example() { return {entry_key, tenant, {image}, Blob::copy_of(golden("embedding"))}; }
const Generations example_generations{.tenant = 2, .images = {1}};

// The fault's name, or "" where it opens.
std::string fault_of(const Halves& halves, std::span<const SealKey> keys = {}, RecordKind kind = RecordKind::embedding,
                     const Key& key = entry_key) {
  const auto opened = open_entry(halves.head, Blob::copy_of(halves.record), kind, key, keys);
  return opened ? "" : std::string(to_string(opened.error()));
}

// With the seal that the head should have.
Halves sealed(Halves halves) {
  const auto fields = std::span<const std::byte>(halves.head).first(halves.head.size() - sizeof(Digest));
  const auto header = std::span<const std::byte>(halves.record).first(record_header_bytes);
  std::ranges::copy(digest({fields, header}), halves.head.end() - sizeof(Digest));
  return halves;
}

// The golden entry but for `field` at `at` of its head, with the right seal.
Halves with(std::size_t at, const Bytes& field) {
  Halves halves = divided(golden("entry"));
  std::ranges::copy(field, halves.head.begin() + static_cast<std::ptrdiff_t>(at));
  return sealed(halves);
}

Bytes u32(std::uint32_t value) {
  ByteWriter written;
  written.u32(value);
  return {written.written().begin(), written.written().end()};
}

// A change of these files is a change of the format: raise its version instead of editing them.
TEST(SealedEntry, HasTheBytesOfTheGoldenFiles) {
  EXPECT_EQ(seal_entry(RecordKind::embedding, example(), example_generations), divided(golden("entry")).head);
  EXPECT_EQ(seal_entry(RecordKind::embedding, example(), example_generations, &mac),
            divided(golden("entry_keyed")).head);
  for (const char* name : {"entry", "entry_keyed"}) EXPECT_EQ(divided(golden(name)).record, golden("embedding"));
}

TEST(SealedEntry, ReadsTheGoldenFiles) {
  for (const auto& [name, keys] : {std::pair("entry", no_keys), std::pair("entry_keyed", Keys{mac})}) {
    const Halves halves = divided(golden(name));
    const Blob record = Blob::copy_of(halves.record);
    const auto opened = open_entry(halves.head, record, RecordKind::embedding, entry_key, keys);
    ASSERT_TRUE(opened) << name << ": " << to_string(opened.error());
    EXPECT_EQ(opened->hit.entry.key, entry_key);
    EXPECT_EQ(opened->hit.entry.tenant, tenant);
    EXPECT_EQ(opened->hit.entry.images, std::vector{image});
    EXPECT_EQ(opened->generations, example_generations);
    EXPECT_EQ(opened->hit.record.header.cost_ms, 182.5);
    EXPECT_EQ(opened->hit.entry.record.bytes().data(), record.bytes().data()) << "not copied";
    EXPECT_EQ(opened->hit.record.payload.bytes().data(), record.bytes().data() + record_header_bytes);
  }
}

TEST(SealedEntry, IsWorkedThroughInTheDocument) {
  const std::string document = file_text("docs/format.md");
  const std::string section = document.substr(document.find("## The entry of a tier"));
  std::istringstream lines(file_text("tests/store/golden/entry.hex"));
  std::size_t at = 0;
  std::string line;
  for (int i = 0; i < 12 && std::getline(lines, line); ++i) {  // the head
    at = section.find(line, at);
    ASSERT_NE(at, std::string::npos) << line;
    ++at;
  }
}

TEST(SealedEntry, HasAHeadOfAMultipleOf64Bytes) {
  for (const std::size_t images : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{5}, entry_images_max}) {
    TierEntry entry = example();
    entry.images.assign(images, image);
    const Generations generations{.tenant = 0, .images = std::vector<std::uint64_t>(images)};
    const Bytes head = seal_entry(RecordKind::embedding, entry, generations);
    EXPECT_EQ(head.size() % 64, 0u) << images;
    EXPECT_GE(head.size(), 120 + 40 * images);
    EXPECT_LT(head.size(), 120 + 40 * images + 64);
    EXPECT_EQ(sealed_head_bytes(head), head.size());
    EXPECT_EQ(sealed_head_bytes(std::span(head).first(16)), head.size()) << "its beginning is enough";
  }
}

TEST(SealedEntry, KeepsLabelsAndGenerationsOfNoImageAndOfTheMost) {
  for (const std::size_t images : {std::size_t{0}, entry_images_max}) {
    TierEntry entry = example();
    entry.images.clear();
    Generations generations{.tenant = std::numeric_limits<std::uint64_t>::max(), .images = {}};
    for (std::size_t i = 0; i < images; ++i) {
      entry.images.push_back(KeyBuilder("image").field(i).finish());
      generations.images.push_back(~std::uint64_t{i});
    }
    const Bytes head = seal_entry(RecordKind::embedding, entry, generations);
    const auto opened = open_entry(head, entry.record, RecordKind::embedding, entry_key);
    ASSERT_TRUE(opened) << images;
    EXPECT_EQ(opened->hit.entry.images, entry.images);
    EXPECT_EQ(opened->generations, generations);
  }
}

TEST(SealedEntry, NoBitCanBeFlipped) {
  for (const auto& [name, keys] : {std::pair("entry", no_keys), std::pair("entry_keyed", Keys{mac})}) {
    Halves halves = divided(golden(name));
    ASSERT_EQ(fault_of(halves, keys), "");
    for (Bytes* half : {&halves.head, &halves.record}) {
      for (std::size_t bit = 0; bit < 8 * half->size(); ++bit) {
        const auto mask = static_cast<std::byte>(1 << bit % 8);
        (*half)[bit / 8] ^= mask;
        EXPECT_NE(fault_of(halves, keys), "")
            << name << (half == &halves.head ? ", head" : ", record") << ", bit " << bit;
        (*half)[bit / 8] ^= mask;
      }
    }
    EXPECT_EQ(fault_of(halves, keys), "");
  }
}

TEST(SealedEntry, CanNotBeCutOrFollowedByAnything) {
  const Halves whole = divided(golden("entry"));
  for (std::size_t size = 0; size < whole.head.size(); ++size) {
    Halves cut = whole;
    cut.head.resize(size);
    EXPECT_EQ(fault_of(cut), size < 16 ? "too_short" : "wrong_length") << size;
  }
  for (std::size_t size = 0; size < whole.record.size(); ++size) {
    Halves cut = whole;
    cut.record.resize(size);
    EXPECT_EQ(fault_of(cut), size < record_header_bytes ? "too_short" : "wrong_length") << size;
  }
  Halves longer = whole;
  longer.record.push_back(std::byte{0});
  EXPECT_EQ(fault_of(longer), "wrong_length");
  longer = whole;
  longer.head.resize(longer.head.size() + 64);
  EXPECT_EQ(fault_of(longer), "wrong_length");
}

TEST(SealedEntry, SaysWhyBytesAreNone) {
  EXPECT_EQ(fault_of({}), "too_short");
  EXPECT_EQ(fault_of(with(0, {std::byte{'f'}})), "wrong_magic");
  EXPECT_EQ(fault_of(with(8, {std::byte{0}})), "unknown_version");
  EXPECT_EQ(fault_of(with(8, {std::byte{2}})), "unknown_version");
  EXPECT_EQ(fault_of(with(9, {std::byte{0}})), "unknown_version");
  EXPECT_EQ(fault_of(with(9, {std::byte{3}})), "unknown_version");
  EXPECT_EQ(fault_of(with(10, {std::byte{2}})), "wrong_kind") << "than its record";
  EXPECT_EQ(fault_of(with(10, {std::byte{7}})), "wrong_kind");
  EXPECT_EQ(fault_of(with(11, {std::byte{1}})), "invalid_field");
  EXPECT_EQ(fault_of(with(159, {std::byte{1}})), "invalid_field") << "behind the last image";
  EXPECT_EQ(fault_of(with(16, {std::byte{0}})), "wrong_key");
  EXPECT_EQ(fault_of(with(48, {std::byte{0}})), "") << "any tenant";
}

TEST(SealedEntry, BelievesNoNumberOfImages) {
  for (const std::uint32_t images : {std::uint32_t{entry_images_max} + 1, 1u << 31, ~0u}) {
    const Halves halves = with(12, u32(images));
    EXPECT_EQ(fault_of(halves), "wrong_length") << images;
    EXPECT_EQ(sealed_head_bytes(halves.head).error(), RecordFault::wrong_length) << images;
  }
  for (const std::uint32_t images : {0u, 2u, std::uint32_t{entry_images_max}})
    EXPECT_EQ(fault_of(with(12, u32(images))), "wrong_length") << images;
}

// Damage is counted as damage before it is taken for somebody else's.
TEST(SealedEntry, ADamagedKeyIsNoOtherKey) {
  Halves damaged = divided(golden("entry"));
  damaged.head[16] ^= std::byte{1};
  EXPECT_EQ(fault_of(damaged), "wrong_checksum");
  damaged = divided(golden("entry"));
  damaged.head[10] = std::byte{4};
  EXPECT_EQ(fault_of(damaged, {}, RecordKind::response), "wrong_checksum");
}

TEST(SealedEntry, IsOfTheKindAndKeyThatWereLookedFor) {
  const Halves halves = divided(golden("entry"));
  EXPECT_EQ(fault_of(halves, {}, RecordKind::response), "wrong_kind");
  EXPECT_EQ(fault_of(halves, {}, RecordKind::embedding, counted_key(0x41)), "wrong_key");
}

TEST(SealedEntry, HoldsTheRecordThatItWasSealedWith) {
  Halves halves = divided(golden("entry"));
  halves.record = golden("prefix");
  EXPECT_EQ(fault_of(halves), "wrong_checksum");
  EXPECT_EQ(fault_of(sealed(halves)), "wrong_kind");
}

// The seal does not cover the payload but its checksum.
TEST(SealedEntry, ADamagedPayloadIsNoticedByItsRecord) {
  Halves halves = divided(golden("entry"));
  halves.record.back() ^= std::byte{1};
  EXPECT_EQ(fault_of(halves), "wrong_checksum");
  EXPECT_EQ(fault_of(sealed(halves)), "wrong_checksum");
}

TEST(SealedEntry, AnyOfTheKeysThatAreValidProvesIt) {
  const Halves halves = divided(golden("entry_keyed"));
  EXPECT_EQ(fault_of(halves, Keys{mac}), "");
  EXPECT_EQ(fault_of(halves, Keys{other_mac, mac}), "");
  EXPECT_EQ(fault_of(halves, Keys{mac, other_mac}), "");
  EXPECT_EQ(fault_of(halves, Keys{other_mac}), "wrong_checksum");
  EXPECT_EQ(fault_of(halves, Keys{other_mac, SealKey{}}), "wrong_checksum");
}

TEST(SealedEntry, WithoutAKeyOneThatHasAMacIsNotBelieved) {
  EXPECT_EQ(fault_of(divided(golden("entry_keyed"))), "wrong_checksum");
}

TEST(SealedEntry, WithAKeyOneThatHasNoMacIsNotBelieved) {
  const Halves plain = divided(golden("entry"));
  EXPECT_EQ(fault_of(plain, Keys{mac}), "wrong_checksum");
  Halves claims = plain;
  claims.head[9] = std::byte{2};
  EXPECT_EQ(fault_of(claims, Keys{mac}), "wrong_checksum");
  EXPECT_EQ(fault_of(sealed(claims), Keys{mac}), "wrong_checksum") << "sealed by who has no key";
}

}  // namespace
}  // namespace fovea
