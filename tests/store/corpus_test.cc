// The fuzz target's corpus, replayed in every ordinary build: as each file says it is, as everything else,
// and damaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "store/hostile_record.h"

namespace fovea {
namespace {

std::map<std::string, std::string> corpus() {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/record")) {
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().filename()].assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

void check_hostile_text(std::string_view file) { check_hostile_record(std::as_bytes(std::span(file))); }

TEST(RecordCorpus, EndsInRecordsOrFaults) {
  for (const auto& [name, file] : corpus()) {
    check_hostile_text(file);
    for (char kind = as_record; kind <= as_reads; ++kind) check_hostile_text(kind + file.substr(1));
  }
}

// The checks of values would check nothing if no file were a record, and those of faults if none were
// damaged.
TEST(RecordCorpus, HoldsRecordsOfEveryKindAndBytesOfEveryFault) {
  std::map<std::string_view, int> seen;
  for (const auto& [name, file] : corpus()) {
    if (file[0] > as_record_without_checksum) continue;
    const auto record = decode_record(Blob::copy_of(file.substr(1)));
    ++seen[record ? to_string(record->header.kind) : to_string(record.error())];
  }
  for (auto kind = RecordKind::embedding; kind <= RecordKind::source_alias; kind = RecordKind(int(kind) + 1))
    EXPECT_GE(seen[to_string(kind)], 1) << to_string(kind);
  for (auto fault = RecordFault::too_short; fault <= RecordFault::invalid_field; fault = RecordFault(int(fault) + 1))
    EXPECT_GE(seen[to_string(fault)], 1) << to_string(fault);
}

TEST(RecordCorpus, DamagedFilesEndInRecordsOrFaults) {
  std::mt19937 draw(1);
  for (const auto& [name, file] : corpus()) {
    for (int round = 0; round < 200; ++round) {
      std::string damaged = file;
      for (int i = 0; i < 3 && damaged.size() > 1; ++i) {
        const std::size_t at = 1 + draw() % (damaged.size() - 1);
        if (draw() % 4 == 0)
          damaged.erase(at, draw() % 8);
        else
          damaged[at] = static_cast<char>(draw());
      }
      check_hostile_text(damaged);
    }
  }
}

}  // namespace
}  // namespace fovea
