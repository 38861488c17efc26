// fovea cache export and import: what one machine computed is carried to another in a file.
#include <algorithm>
#include <string>

#include "app/program.h"

namespace fovea {
namespace {

class Carry : public Program {
 protected:
  // Asks once, so that there is something to carry; the pack's path.
  std::string exported(const std::string& flags = "") {
    EXPECT_EQ(run("ask three.png 'How many shapes are there?'").exit_code, 0);
    const std::string pack = folder / "cache.pack";
    const Ran ran = run("cache export " + pack + " " + flags);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_TRUE(ran.out.contains(pack + ": ")) << ran.out;
    return pack;
  }
  // What the cache has, kind by kind.
  std::string kinds(const std::string& place = "") const {
    const std::string stats = run("cache stats --json" + place).out;
    const std::size_t at = stats.find("\"kinds\"");
    EXPECT_NE(at, std::string::npos) << stats;
    return stats.substr(std::min(at, stats.size()));
  }
  std::string elsewhere() const { return " --disk-cache " + (folder / "elsewhere").string(); }
};

TEST_F(Carry, AnotherMachineKnowsThePicture) {
  const std::string pack = exported();
  const Ran imported = run("cache import " + pack + elsewhere() + " --disk-size 64MiB");
  EXPECT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_TRUE(imported.out.contains(" entries from " + pack)) << imported.out;
  EXPECT_TRUE(imported.out.contains("  it has ")) << imported.out;
  EXPECT_EQ(kinds(), kinds(elsewhere()));
  const Ran asked = run("ask three.png 'How many shapes are there?' --timings" + elsewhere());
  EXPECT_EQ(asked.out, "3\n");
  EXPECT_TRUE(asked.err.contains("response hit (disk)")) << asked.err;
}

TEST_F(Carry, WhatIsOldOrOfAnotherKindStays) {
  exported();
  const std::string pack = folder / "part.pack";
  EXPECT_TRUE(run("cache export --json --kind tiling " + pack).out.contains("\"entries\":1,"));
  EXPECT_TRUE(run("cache export --json --since 0s " + pack).out.contains("\"entries\":0,"));
  EXPECT_FALSE(run("cache export --json --since 1d " + pack).out.contains("\"entries\":0,"));
  const Ran wrong = run("cache export --since yesterday " + pack);
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_TRUE(wrong.err.contains("--since: 'yesterday' is no moment")) << wrong.err;
}

TEST_F(Carry, DamageOnTheWayIsLeftOutAndSaid) {
  const std::string pack = exported(), whole = text_of(pack);
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 1);
  const Ran one = run("cache import " + file("damaged.pack", damaged) + elsewhere());
  EXPECT_EQ(one.exit_code, 1);
  EXPECT_TRUE(one.out.contains("left out, as not believed: 1 wrong_checksum")) << one.out << one.err;
  const Ran cut = run("cache import " + file("cut.pack", whole.substr(0, whole.size() - 20)) + elsewhere());
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_TRUE(cut.err.contains("damaged or cut off")) << cut.err;
  const Ran none = run("cache import questions.json" + elsewhere());
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_TRUE(none.err.contains("not a pack")) << none.err;
}

TEST_F(Carry, ASealedPackIsBelievedByItsFleetAlone) {
  const std::string ours = file("ours.key", std::string(64, 'a')), theirs = file("theirs.key", std::string(64, 'b'));
  const std::string pack = exported("--fleet-key-file " + ours);
  EXPECT_EQ(run("cache import " + pack + " --fleet-key-file " + ours + elsewhere()).exit_code, 0);
  for (const std::string& flags : {std::string(), " --fleet-key-file " + theirs}) {
    const Ran stranger = run("cache import --json " + pack + flags + elsewhere());
    EXPECT_EQ(stranger.exit_code, 1);
    EXPECT_TRUE(stranger.out.contains("\"imported\":0,")) << stranger.out;
  }
}

TEST_F(Carry, WrongUsageExitsWithTwo) {
  EXPECT_EQ(run("cache export").exit_code, 2);
  EXPECT_EQ(run("cache import").exit_code, 2);
  EXPECT_EQ(run("cache export /nowhere/pack").exit_code, 1) << "there is nothing to carry, and nowhere to put it";
}

}  // namespace
}  // namespace fovea
