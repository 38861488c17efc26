// fovea warm as a person uses it: pictures are encoded ahead, and fovea ask finds them.
#include <glaze/glaze.hpp>
#include <string>

#include "app/program.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/valkey_server.h"

namespace fovea {
namespace {

class Warm : public Program {
 protected:
  static glz::generic json_of(const Ran& ran) {
    glz::generic json;
    EXPECT_FALSE(glz::read_json(json, ran.out)) << ran.out << ran.err;
    return json;
  }
};

TEST_F(Warm, HelpTeaches) {
  const Ran help = run("warm --help");
  EXPECT_EQ(help.exit_code, 0);
  for (const char* word : {"fovea warm catalogue/", "--shared", "--tenant", "Exit codes"})
    EXPECT_TRUE(help.out.contains(word)) << word;
}

TEST_F(Warm, AskFindsWhatWasEncodedAhead) {
  const Ran ran = run("warm one.png three.png --json");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const glz::generic first = json_of(ran);
  EXPECT_EQ(first["encoded"].get<double>(), 2);
  EXPECT_GT(first["tiers"][0]["written"].get<double>(), 0);
  const glz::generic again = json_of(run("warm one.png three.png --json"));
  EXPECT_EQ(again["known"].get<double>(), 2);
  EXPECT_EQ(again["encoded"].get<double>(), 0);
  const Ran asked = run("ask three.png 'How many shapes are there?' --timings");
  EXPECT_EQ(asked.out, "3\n");
  EXPECT_TRUE(asked.err.contains("embedding hit (disk)")) << asked.err;
}

TEST_F(Warm, AnotherMachineFindsItOnTheSharedServer) {
  const test::ValkeyServer server;
  const std::string place =
      " --no-disk --shared " + server.address() + " --fleet-key-file " + file("fleet.key", std::string(64, 'a'));
  const Ran ran = run("warm one.png three.png --json" + place);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_GT(json_of(ran)["tiers"][0]["written"].get<double>(), 0);
  const Ran listed = run("cache ls --kind embedding --shared " + server.address() + " --fleet-key-file " +
                         (folder / "fleet.key").string());
  EXPECT_TRUE(listed.out.contains("\nembedding ")) << listed.out << listed.err;
}

TEST_F(Warm, AListMayHaveWhatIsNoPicture) {
  const std::string list = file("list.txt", "one.png\nnowhere.png\nquestions.json\n");
  for (const std::string& words : {"warm '" + list + "'", std::string("warm -")}) {
    const Ran ran = run(words, list);
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_TRUE(ran.out.contains("failed: nowhere.png: No such file")) << ran.out << ran.err;
    EXPECT_TRUE(ran.out.contains("failed: questions.json: ")) << ran.out;
    EXPECT_TRUE(ran.out.contains("3 of 3 pictures: ")) << ran.out;
  }
}

TEST_F(Warm, NothingIsEncodedForAPlaceThatKeepsNothing) {
  const Ran nowhere = run("warm one.png --no-disk");
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_TRUE(nowhere.err.contains("--shared")) << nowhere.err;
  const Ran unusable = run("warm one.png --disk-cache /proc/fovea");
  EXPECT_EQ(unusable.exit_code, 1);
  EXPECT_TRUE(unusable.err.contains("nothing can be kept")) << unusable.err;
  const std::string disk = folder / "disk";
  const auto other = RocksdbTier::open({.folder = disk, .bytes_max = std::uint64_t{64} << 20});
  ASSERT_TRUE(other);
  EXPECT_EQ(run("warm one.png --disk-cache " + disk).exit_code, 1);
  const std::string key = file("fleet.key", std::string(64, 'a'));
  const Ran silent = run("warm one.png --shared valkey://127.0.0.1:1 --fleet-key-file " + key);
  EXPECT_EQ(silent.exit_code, 1);
  EXPECT_TRUE(silent.err.contains("127.0.0.1:1")) << silent.err;
}

TEST_F(Warm, WrongUsageExitsWithTwo) {
  EXPECT_EQ(run("warm").exit_code, 2);
  const Ran gone = run("warm nowhere.png");
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_TRUE(gone.err.contains("nowhere.png: No such file")) << gone.err;
  const Ran empty = run("warm scenarios");
  EXPECT_EQ(empty.exit_code, 1);
  EXPECT_TRUE(empty.err.contains("no pictures there")) << empty.err;
}

}  // namespace
}  // namespace fovea
