// The fuzz targets' corpora, replayed in every ordinary build: as each file says it is, as everything else,
// and damaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "store/hostile_entry.h"
#include "store/hostile_pack.h"
#include "store/hostile_record.h"

namespace fovea {
namespace {

std::map<std::string, std::string> corpus(const std::string& name) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/" + name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().filename()].assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

void check_as_record(std::string_view file) { check_hostile_record(std::as_bytes(std::span(file))); }
void check_as_entry(std::string_view file) { check_hostile_entry(std::as_bytes(std::span(file))); }

// Calls `visit` with every file of the corpus, with some of its bytes changed or gone, 200 times each.
void for_each_damaged(const std::string& name, void (*visit)(std::string_view)) {
  std::mt19937 draw(1);
  for (const auto& [file_name, file] : corpus(name)) {
    for (int round = 0; round < 200; ++round) {
      std::string damaged = file;
      for (int i = 0; i < 3 && damaged.size() > 1; ++i) {
        const std::size_t at = 1 + draw() % (damaged.size() - 1);
        if (draw() % 4 == 0)
          damaged.erase(at, draw() % 8);
        else
          damaged[at] = static_cast<char>(draw());
      }
      visit(damaged);
    }
  }
}

TEST(RecordCorpus, EndsInRecordsOrFaults) {
  for (const auto& [name, file] : corpus("record")) {
    check_as_record(file);
    for (char kind = as_record; kind <= as_reads; ++kind) check_as_record(kind + file.substr(1));
  }
}

// The checks of values would check nothing if no file were a record, and those of faults if none were
// damaged.
TEST(RecordCorpus, HoldsRecordsOfEveryKindAndBytesOfEveryFault) {
  std::map<std::string_view, int> seen;
  for (const auto& [name, file] : corpus("record")) {
    if (file[0] > as_record_without_checksum) continue;
    const auto record = decode_record(Blob::copy_of(file.substr(1)));
    ++seen[record ? to_string(record->header.kind) : to_string(record.error())];
  }
  for (auto kind = RecordKind::embedding; kind <= RecordKind::value; kind = RecordKind(int(kind) + 1))
    EXPECT_GE(seen[to_string(kind)], 1) << to_string(kind);
  for (auto fault = RecordFault::too_short; fault <= RecordFault::invalid_field; fault = RecordFault(int(fault) + 1))
    EXPECT_GE(seen[to_string(fault)], 1) << to_string(fault);
}

TEST(RecordCorpus, DamagedFilesEndInRecordsOrFaults) { for_each_damaged("record", check_as_record); }

TEST(SealedEntryCorpus, EndsInEntriesOrFaults) {
  for (const auto& [name, file] : corpus("sealed_entry")) {
    check_as_entry(file);
    for (char kind = as_entry; kind <= as_entry_fields; ++kind) check_as_entry(kind + file.substr(1));
  }
}

TEST(SealedEntryCorpus, HoldsEntriesOfBothSealsAndBytesOfEveryFault) {
  std::set<std::string_view> seen;
  for (const auto& [name, file] : corpus("sealed_entry")) {
    if (file[0] > as_entry_without_seal) continue;
    std::string bytes = file.substr(1);
    if (file[0] == as_entry_without_seal) put_seal(std::as_writable_bytes(std::span(bytes)));
    const auto entry = std::as_bytes(std::span(bytes));
    const auto head_bytes = sealed_head_bytes(entry);
    if (!head_bytes || *head_bytes > entry.size()) {
      seen.insert(to_string(head_bytes ? RecordFault::wrong_length : head_bytes.error()));
      continue;
    }
    Key key;
    std::ranges::copy(entry.subspan(entry_key_at, sizeof key.bytes), key.bytes.begin());
    const bool keyed = entry[entry_seal_at] == std::byte{2};
    const std::vector<SealKey> keys = keyed ? std::vector{hostile_key()} : std::vector<SealKey>{};
    const auto record = Blob::copy_of(entry.subspan(*head_bytes));
    const auto opened =
        open_entry(entry.first(*head_bytes), record, static_cast<RecordKind>(entry[entry_kind_at]), key, keys);
    seen.insert(opened ? keyed ? "sealed with a key" : "sealed" : to_string(opened.error()));
  }
  EXPECT_TRUE(seen.contains("sealed"));
  EXPECT_TRUE(seen.contains("sealed with a key"));
  for (auto fault = RecordFault::too_short; fault <= RecordFault::wrong_kind; fault = RecordFault(int(fault) + 1))
    EXPECT_TRUE(seen.contains(to_string(fault))) << to_string(fault);
}

TEST(SealedEntryCorpus, DamagedFilesEndInEntriesOrFaults) { for_each_damaged("sealed_entry", check_as_entry); }

void check_as_pack(std::string_view file) { check_hostile_pack(std::as_bytes(std::span(file))); }

TEST(PackCorpus, EndsInEntriesOrFaults) {
  for (const auto& [name, file] : corpus("pack")) check_as_pack(file);
  for_each_damaged("pack", check_as_pack);
}

TEST(PackCorpus, HoldsPacksOfBothSealsAndSomeThatAreNotWhole) {
  const SealKey key = hostile_key();
  int plain = 0, sealed = 0, cut = 0;
  for (const auto& [name, file] : corpus("pack")) {
    const auto bytes = std::as_bytes(std::span(file));
    const ReadPack without = read_hostile_pack(bytes, {}), with = read_hostile_pack(bytes, std::span(&key, 1));
    plain += without.whole && without.sound > 0;
    sealed += with.whole && with.sound > 0;
    cut += !without.whole;
  }
  EXPECT_GE(plain, 1);
  EXPECT_GE(sealed, 1);
  EXPECT_GE(cut, 2);
}

}  // namespace
}  // namespace fovea
