// Replays the fuzz target's corpus in every ordinary build: each file as its own kind, as every other kind,
// and damaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "trace/hostile_bytes.h"
#include "trace/mixed_bits.h"

namespace fovea {
namespace {

constexpr std::uint8_t kinds = 10;  // the formats, a profile, a workload, and a file to recognise

std::vector<std::string> corpus() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/trace"))
    paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> files;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

TEST(TraceCorpus, GivesValuesOrMessages) {
  ASSERT_GE(corpus().size(), 18u);
  for (const std::string& file : corpus()) {
    check_hostile(file);
    for (std::uint8_t kind = 0; kind < kinds; ++kind) check_hostile(static_cast<char>(kind) + file.substr(1));
  }
}

// At least one file of each kind is valid; otherwise no value would be checked.
TEST(TraceCorpus, HoldsGoodFilesOfEveryKind) {
  std::array<int, kinds> good{};
  for (const std::string& file : corpus()) {
    const auto kind = static_cast<std::uint8_t>(file[0]);
    const std::string bytes = file.substr(1);
    TraceSource sources[] = {TraceSource::of(bytes, "corpus")};
    const auto format = recognise(sources[0]);
    const ReadOptions options{.profile = {.tile_bytes = 1, .tiles = {{1, 1}}}};
    if (kind == as_profile)
      good[kind] += parse_model_profile(bytes, "corpus").has_value();
    else if (kind == as_workload)
      good[kind] += parse_workload(bytes).has_value();
    else if (format)
      good[static_cast<std::size_t>(*format)] += read_trace(sources, options, {}).has_value();
  }
  for (const std::size_t kind : {0u, 1u, 2u, 3u, 4u, 0u + as_profile, 0u + as_workload})
    EXPECT_GE(good[kind], 1) << kind;
}

TEST(TraceCorpus, DamagedFilesGiveValuesOrMessages) {
  std::uint64_t draw = 1;
  for (const std::string& file : corpus()) {
    for (int round = 0; round < 200; ++round) {
      std::string damaged = file;
      for (int i = 0; i < 3 && damaged.size() > 1; ++i) {
        draw = mixed_bits(draw);
        const std::size_t at = 1 + draw % (damaged.size() - 1);
        if (draw >> 63 != 0)
          damaged.erase(at, draw >> 32 & 7);
        else
          damaged[at] = static_cast<char>(draw >> 40);
      }
      check_hostile(damaged);
    }
  }
}

}  // namespace
}  // namespace fovea
