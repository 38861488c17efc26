// disk_bench: what the disk tier takes to write, to find and to open.
//
//   disk_bench [--entries N] [--folder DIR]
//
// Values of 150 KB (an embedding), 3 MB (a prefix state) and 10 MB are written and found again, each a hit
// and a miss; beside them the same bytes as files of their own, read with one call. Then N small entries
// (200,000 unless named) are written, the tier is closed and opened again. The kernel's cache of files is as
// the machine has it: a value that was just written may come from memory, as it does in use.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <print>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/scratch_folder.h"
#include "base/units.h"
#include "or_exit.h"
#include "series.h"
#include "tier/entries.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace {

using namespace fovea;
using bench::or_exit, bench::Series;

constexpr std::uint64_t bytes_max = std::uint64_t{20} << 30;

void write_file(const std::filesystem::path& path, const Blob& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.text().data(), static_cast<std::streamsize>(bytes.size()));
}

std::vector<char> read_file(const std::filesystem::path& path, std::size_t size) {
  std::vector<char> bytes(size);
  std::ifstream(path, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(size));
  return bytes;
}

void values(Tier& tier, const std::filesystem::path& files, std::size_t bytes, int count, RecordKind kind) {
  std::filesystem::create_directories(files);
  Series put, hit, miss, file;
  for (int i = 0; i < count; ++i) {
    const TierEntry entry = test::entry_of(std::format("{} {}", bytes, i), static_cast<std::uint64_t>(i), bytes, kind);
    put.time([&] { or_exit(tier.insert(kind, entry)); });
    write_file(files / std::to_string(i), entry.record);
  }
  std::mt19937 random(1);
  for (int i = 0; i < count; ++i) {
    const int chosen = static_cast<int>(random() % static_cast<unsigned>(count));
    const Key key = test::key_of(std::format("{} {}", bytes, chosen)), absent = test::key_of(std::format("no {}", i));
    hit.time([&] {
      if (!or_exit(tier.find_many(kind, std::span(&key, 1), {})).front()) std::exit(1);
    });
    miss.time([&] { or_exit(tier.find_many(kind, std::span(&absent, 1), {})); });
    file.time([&] { read_file(files / std::to_string(chosen), bytes); });
  }
  std::println(
      "{:>9} x {:<6} write {:>8.3f}  hit {:>8.3f} (p99 {:>8.3f})  miss {:>8.3f}  own file, unchecked {:>8.3f}  "
      "hit / own file {:.2f}x",
      format_bytes(bytes), count, put.quantile(0.5), hit.quantile(0.5), hit.quantile(0.99), miss.quantile(0.5),
      file.quantile(0.5), hit.quantile(0.5) / file.quantile(0.5));
}

}  // namespace

int main(int argc, char** argv) {
  int entries = 200'000;
  std::string folder;
  CLI::App app("What the disk tier takes to write, to find and to open");
  app.add_option("--entries", entries, "Small entries that are there when it is opened again")->capture_default_str();
  app.add_option("--folder", folder, "Where [a folder for temporary files]");
  CLI11_PARSE(app, argc, argv);

  const auto scratch = or_exit(ScratchFolder::make("fovea-disk-bench"));
  const std::filesystem::path place = folder.empty() ? scratch.path() : std::filesystem::path(folder);
  std::println("medians in ms; RocksDB in {}, {} at most", place.string(), format_bytes(bytes_max));
  auto tier = or_exit(RocksdbTier::open({.folder = place / "tier", .bytes_max = bytes_max}));
  values(*tier, place / "150k", 150'000, 2000, RecordKind::embedding);
  values(*tier, place / "3m", 3'000'000, 200, RecordKind::prefix);
  values(*tier, place / "10m", 10'000'000, 60, RecordKind::prefix);

  for (int i = 0; i < entries; ++i) {
    const auto kind = i % 4 == 0 ? RecordKind::response : RecordKind::embedding;
    or_exit(tier->insert(kind, test::entry_of(std::to_string(i), static_cast<std::uint64_t>(i), 8000, kind)));
  }
  tier.reset();
  Series open;
  for (int i = 0; i < 5; ++i) {
    open.time([&] { tier = or_exit(RocksdbTier::open({.folder = place / "tier", .bytes_max = bytes_max})); });
    tier.reset();
  }
  std::println("opening it with {} entries: {:.0f} ms (most {:.0f})", entries + 2260, open.quantile(0.5),
               open.quantile(1));
}
