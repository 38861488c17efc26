// fovea cache as a person uses it, on what fovea ask left on the disk.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <glaze/glaze.hpp>
#include <string>
#include <utility>
#include <vector>

#include "app/program.h"
#include "tier/entries.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace fovea {
namespace {

constexpr std::uint64_t mebi = 1 << 20;

class Cache : public Program {
 protected:
  // A disk cache with `count` embeddings and one prefix of "tenant".
  std::string disk_with(int count) const {
    const std::string disk = folder / "disk";
    const auto tier = RocksdbTier::open({.folder = disk, .bytes_max = 256 * mebi});
    EXPECT_TRUE(tier);
    for (int i = 0; i < count; ++i)
      EXPECT_TRUE((*tier)->insert(RecordKind::embedding, test::entry_of(std::to_string(i), 1, 1000 + i)));
    EXPECT_TRUE((*tier)->insert(RecordKind::prefix, test::entry_of("state", 1, 50'000, RecordKind::prefix)));
    return disk;
  }

  glz::generic json_of(const Ran& ran) const {
    glz::generic json;
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_FALSE(glz::read_json(json, ran.out)) << ran.out;
    return json;
  }

  // Changes bytes in the middle of the largest file of values.
  static void damage(const std::string& disk) {
    std::filesystem::path largest;
    for (const auto& file : std::filesystem::recursive_directory_iterator(disk)) {
      if (file.path().extension() != ".log" && file.path().extension() != ".sst") continue;
      if (largest.empty() || file.file_size() > std::filesystem::file_size(largest)) largest = file.path();
    }
    const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(largest) / 2);
    std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(middle);
    file << "damaged";
  }
};

TEST_F(Cache, HelpTeaches) {
  const std::pair<const char*, const char*> verbs[] = {
      {"", "Look into a disk cache or a shared server"},
      {"export", "Write the entries of a cache into a file"},
      {"import", "Put the entries of a file into a cache"},
      {"stats", "Say what a disk cache or a shared server holds, kind by kind"},
      {"ls", "List the entries of a disk cache or a shared server"},
      {"verify", "Read and check every entry, and remove what is not sound"},
      {"purge", "Remove what a tenant stored, or what was made from a picture"},
  };
  for (const auto& [verb, about] : verbs) {
    const Ran help = run(std::string("cache ") + verb + " --help");
    EXPECT_EQ(help.exit_code, 0) << verb;
    EXPECT_TRUE(help.out.contains(about)) << help.out;
    EXPECT_TRUE(help.out.contains("  fovea cache ")) << verb << help.out;
  }
}

TEST_F(Cache, SaysWhatAskKeptAndForgetsAPicture) {
  const Ran none = run("cache stats");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_TRUE(none.err.contains("there is no disk cache in '" + (folder / "cache").string())) << none.err;

  ASSERT_EQ(run("ask three.png 'How many shapes are there?'").exit_code, 0);
  const Ran stats = run("cache stats");
  EXPECT_TRUE(stats.out.contains("limit 2.00 GiB") || stats.out.contains("limit 1.99 GiB")) << stats.out;
  const glz::generic before = json_of(run("cache stats --json"));
  EXPECT_EQ(before["tier"].get<std::string>(), "disk");
  EXPECT_GE(before["all"]["entries"].get<double>(), 3) << "an embedding, a state, an answer";
  EXPECT_GT(before["all"]["hits_save_ms"].get<double>(), 0);

  const Ran purged = run("cache purge --image three.png");
  EXPECT_EQ(purged.exit_code, 0) << purged.err;
  EXPECT_TRUE(purged.out.contains("purged what those without a tenant's key stored of image ")) << purged.out;
  const glz::generic after = json_of(run("cache stats --json"));
  EXPECT_LT(after["all"]["entries"].get<double>(), before["all"]["entries"].get<double>());
  const Ran again = run("ask three.png 'How many shapes are there?' --timings");
  EXPECT_TRUE(again.err.contains("response miss, prefix miss, embedding miss")) << again.err;
}

TEST_F(Cache, ListsEntriesShortOrWhole) {
  const std::string disk = disk_with(30);
  const Ran listed = run("cache ls --disk-cache " + disk);
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_EQ(std::ranges::count(listed.out, '\n'), 21) << "twenty, below their headings";
  EXPECT_TRUE(listed.out.starts_with("kind ")) << listed.out;
  const Ran largest = run("cache ls --json --sort bytes --limit 2 --disk-cache " + disk);
  EXPECT_EQ(std::ranges::count(largest.out, '\n'), 2) << largest.out;
  EXPECT_TRUE(largest.out.starts_with("{\"kind\":\"prefix\"")) << largest.out;
  EXPECT_TRUE(largest.out.contains(test::key_of("29").hex())) << largest.out;
  EXPECT_TRUE(largest.out.contains(test::key_of("image").hex())) << largest.out;
  const Ran kind = run("cache ls --kind prefix --disk-cache " + disk);
  EXPECT_EQ(std::ranges::count(kind.out, '\n'), 2) << kind.out;
}

TEST_F(Cache, VerifyFindsDamageAndRemovesIt) {
  const std::string disk = disk_with(30), verify = "cache verify --json --disk-cache " + disk;
  EXPECT_EQ(json_of(run(verify))["sound"].get<double>(), 31);
  damage(disk);
  const Ran ran = run(verify);
  EXPECT_EQ(ran.exit_code, 1) << ran.out << ran.err;
  EXPECT_TRUE(ran.out.contains("\"wrong_checksum\":1") || ran.err.contains("cannot be read")) << ran.out << ran.err;
}

TEST_F(Cache, PurgesByTenantByKeyOrAll) {
  const std::string disk = disk_with(5);
  const Ran nothing = run("cache purge --disk-cache " + disk);
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_TRUE(nothing.err.contains("--all")) << nothing.err;
  EXPECT_EQ(run("cache purge --all --tenant a --disk-cache " + disk).exit_code, 2);
  // The entries are those of a tenant that no name leads to.
  EXPECT_EQ(run("cache purge --tenant alice --disk-cache " + disk).exit_code, 0);
  EXPECT_EQ(run("cache purge --image " + test::key_of("image").hex() + " --disk-cache " + disk).exit_code, 0);
  EXPECT_EQ(json_of(run("cache verify --json --disk-cache " + disk))["sound"].get<double>(), 6);
  const Ran all = run("cache purge --all --disk-cache " + disk);
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_TRUE(all.out.starts_with("removed 6 entries from the disk cache")) << all.out;
  EXPECT_EQ(json_of(run("cache stats --json --disk-cache " + disk))["all"]["entries"].get<double>(), 0);
}

TEST_F(Cache, PurgingATenantOfAnEncryptedCacheDestroysItsSecret) {
  const std::string key = " --encrypt-tiers --fleet-key-file " + file("fleet.key", std::string(64, 'a'));
  const std::string ask = "ask three.png 'How many shapes are there?' --timings" + key;
  ASSERT_EQ(run(ask).exit_code, 0);
  EXPECT_TRUE(run(ask).err.contains("response hit (disk)"));
  const auto secrets = [&] {
    std::string all;
    for (const auto& each :
         std::filesystem::recursive_directory_iterator(folder / "cache" / "fovea" / "disk" / "secrets-v1")) {
      if (each.is_regular_file()) all += each.path().filename().string() + text_of(each.path());
    }
    return all;
  };
  const std::string before = secrets();
  EXPECT_FALSE(before.empty());
  EXPECT_EQ(run("cache purge --image three.png" + key).exit_code, 0);
  EXPECT_EQ(secrets(), before) << "the tenant's other pictures are still there";
  const Ran purged = run("cache purge --tenant ''" + key);
  EXPECT_EQ(purged.exit_code, 0) << purged.err;
  EXPECT_NE(secrets(), before);
  EXPECT_TRUE(run(ask).err.contains("response miss, prefix miss, embedding miss"));
  EXPECT_EQ(run("cache purge --all" + key).exit_code, 2);
}

TEST_F(Cache, AFolderThatAnotherProcessHasIsReadAndNotChanged) {
  const std::string disk = disk_with(5);
  const auto other = RocksdbTier::open({.folder = disk, .bytes_max = 256 * mebi});
  ASSERT_TRUE(other);
  EXPECT_EQ(json_of(run("cache stats --json --disk-cache " + disk))["all"]["entries"].get<double>(), 6);
  const Ran purged = run("cache purge --all --disk-cache " + disk);
  EXPECT_EQ(purged.exit_code, 1);
  EXPECT_TRUE(purged.err.contains("another process has the disk cache")) << purged.err;
}

TEST_F(Cache, WrongUsageExitsWithTwo) {
  for (const char* words : {"cache", "cache sing", "cache ls --limit 0", "cache ls --sort colour",
                            "cache stats --kind colour", "cache stats --shared valkey://localhost",
                            "cache stats --disk-cache d --shared valkey://localhost --fleet-key-file k"}) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit_code, 2) << words << "\n" << ran.err;
    EXPECT_TRUE(ran.err.starts_with("fovea: ")) << words << "\n" << ran.err;
  }
}

}  // namespace
}  // namespace fovea
