// fovea cache as a person uses it on a real server: the doctor, and looking into what lies there.
#include <filesystem>
#include <glaze/glaze.hpp>
#include <string>
#include <utility>

#include "app/program.h"
#include "tier/entries.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/valkey_server.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {
namespace {

class Doctor : public Program {
 protected:
  std::string place(const test::ValkeyServer& server, const std::string& key_digit = "a") const {
    const std::string key = file("fleet-" + key_digit + ".key", std::string(64, key_digit.front()));
    std::filesystem::permissions(key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return " --shared " + server.address() + " --fleet-key-file " + key;
  }

  static void fill(const test::ValkeyServer& server, int entries) {
    SealKey key;
    key.fill(std::byte{0xaa});
    const auto tier = ValkeyTier::open({.address = server.address(), .fleet_keys = {key}});
    ASSERT_TRUE(tier);
    for (int i = 0; i < entries; ++i)
      ASSERT_TRUE((*tier)->insert(RecordKind::embedding, test::entry_of(std::to_string(i))));
  }
};

TEST_F(Doctor, FindsAServerWellThatIsSetAsAdvised) {
  const test::ValkeyServer server({"--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lfu"});
  fill(server, 5);
  const Ran ran = run("cache doctor" + place(server));
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_TRUE(ran.out.ends_with("all is well\n")) << ran.out;
  for (const char* part : {"maxmemory 256.0 MiB, uses ", "allkeys-lfu", "no TLS, on this machine", "a round trip, ",
                           "4 entries were looked at, all sealed"})
    EXPECT_TRUE(ran.out.contains(part)) << part << "\n" << ran.out;
  EXPECT_FALSE(server.ask({"KEYS", "*doctor*"}).contains("doctor")) << "what was measured with is gone";
}

TEST_F(Doctor, SaysWhatIsWrongAndWhatToDo) {
  const test::ValkeyServer server;
  fill(server, 5);
  const Ran plain = run("cache doctor" + place(server));
  EXPECT_EQ(plain.exit_code, 1) << plain.out;
  EXPECT_TRUE(plain.out.contains("wrong    127.0.0.1:")) << plain.out;
  EXPECT_TRUE(plain.out.contains("set maxmemory-policy allkeys-lfu")) << plain.out;
  const Ran stranger = run("cache doctor --json" + place(server, "b"));
  EXPECT_EQ(stranger.exit_code, 1);
  EXPECT_TRUE(stranger.out.contains("sealed with another key")) << stranger.out;
  EXPECT_TRUE(run("cache stats --json" + place(server)).out.contains("\"kind\":\"all\",\"entries\":5"))
      << "a doctor removes nothing";
  const Ran reader = run("cache stats" + place(server, "b"));
  EXPECT_EQ(reader.exit_code, 2) << reader.out;
  EXPECT_TRUE(reader.err.contains("compare --fleet-key-file")) << reader.err;
}

TEST_F(Doctor, AServerThatIsNotThereIsWrong) {
  test::ValkeyServer server;
  server.kill();
  const Ran ran = run("cache doctor" + place(server));
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(ran.out.contains("see whether it runs")) << ran.out << ran.err;
}

TEST_F(Doctor, AUserThatMayNotReadSettingsIsTold) {
  const test::ValkeyServer server({"--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lfu"});
  server.ask({"ACL", "SETUSER", "default", "-config", "-info"});
  const Ran ran = run("cache doctor" + place(server));
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_TRUE(ran.out.contains("its user may not read its settings")) << ran.out;
}

TEST_F(Doctor, AServerIsListedCheckedAndPurged) {
  const test::ValkeyServer server;
  fill(server, 30);
  const std::string at = place(server);
  EXPECT_TRUE(run("cache stats --json" + at).out.contains("\"kind\":\"all\",\"entries\":30"));
  EXPECT_TRUE(run("cache ls --limit 1" + at).out.contains("embedding "));
  const Ran verified = run("cache verify" + at);
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_TRUE(verified.out.contains("30 of 30 entries are sound")) << verified.out;
  const Ran purged = run("cache purge --all" + at);
  EXPECT_EQ(purged.exit_code, 0) << purged.err;
  EXPECT_TRUE(purged.out.starts_with("removed 30 entries from the shared cache valkey://")) << purged.out;
  EXPECT_TRUE(run("cache stats --json" + at).out.contains("\"kind\":\"all\",\"entries\":0"));
}

TEST_F(Doctor, ADiskIsExamined) {
  const std::string disk = folder / "disk";
  const Ran none = run("cache doctor --disk-cache " + disk);
  EXPECT_EQ(none.exit_code, 0) << none.out;
  EXPECT_TRUE(none.out.contains("is not there yet")) << none.out;
  const auto tier = RocksdbTier::open({.folder = disk, .bytes_max = std::uint64_t{64} << 20});
  ASSERT_TRUE(tier && (*tier)->insert(RecordKind::embedding, test::entry_of("a")));
  const Ran used = run("cache doctor --disk-cache " + disk);
  EXPECT_EQ(used.exit_code, 0) << used.out;
  EXPECT_TRUE(used.out.contains("process " + std::to_string(::getpid()) + " writes it")) << used.out;
  EXPECT_TRUE(used.out.contains("1 entries were read, 1 are sound")) << used.out;
}

}  // namespace
}  // namespace fovea
