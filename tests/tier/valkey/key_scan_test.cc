#include "tier/valkey/key_scan.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tier/valkey/lying_server.h"
#include "tier/valkey/tier_entries.h"
#include "tier/valkey/valkey_server.h"

namespace fovea::valkey {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

const Dial dial{.value_bytes_max = 1000};

// All keys under "p:", page by page, or the fault's sentence.
Result<std::set<Key>> scan_all(Client& client) {
  std::set<Key> all;
  std::string from;
  do {
    const auto page = scan_keys(client, "p:", from, Until::of({}, 5s));
    if (!page) return std::unexpected(page.error());
    all.insert(page->keys.begin(), page->keys.end());
    from = page->next;
  } while (!from.empty());
  return all;
}

TEST(KeyScanTest, TellsTheKeysOfItsPrefixAndNoOthers) {
  const test::ValkeyServer server;
  std::set<Key> stored;
  for (int i = 0; i < 50; ++i) {
    const Key key = test::key_named(std::to_string(i));
    stored.insert(key);
    const std::string bytes(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
    server.ask({"SET", "p:" + bytes, "value"});
    server.ask({"SET", "q:" + bytes, "of another prefix"});
  }
  server.ask({"SET", "p:too short", "value"});
  Client client({{"127.0.0.1", server.port()}}, dial);
  EXPECT_EQ(scan_all(client), stored);
}

TEST(KeyScanTest, APlaceThatNoPageNamedIsInvalid) {
  const test::ValkeyServer server;
  Client client({{"127.0.0.1", server.port()}}, dial);
  for (const std::string_view from : {"x", "0", "0 ", "0 x", "0 1 2", "-1 0", "99999999999999999999 0"}) {
    const auto page = scan_keys(client, "p:", from, Until::of({}, 5s));
    ASSERT_FALSE(page) << from;
    EXPECT_EQ(page.error().fault, Fault::invalid) << from;
  }
  const auto behind_the_last = scan_keys(client, "p:", "1 0", Until::of({}, 5s));
  ASSERT_TRUE(behind_the_last) << "a server has left meanwhile";
  EXPECT_TRUE(behind_the_last->keys.empty() && behind_the_last->next.empty());
}

TEST(KeyScanTest, AReplyThatIsNoListIsAFault) {
  for (const std::string_view lie :
       {"*0\r\n", "*1\r\n$1\r\n0\r\n", "*2\r\n$1\r\nx\r\n*0\r\n", "*2\r\n$1\r\n0\r\n$1\r\n0\r\n"}) {
    const test::LyingServer server(test::LyingServer::replying([&](const Words&) { return std::string(lie); }));
    Client client({{"127.0.0.1", server.port()}}, dial);
    const auto all = scan_all(client);
    ASSERT_FALSE(all) << lie;
    EXPECT_EQ(all.error().fault, Fault::unavailable) << lie;
  }
}

}  // namespace
}  // namespace fovea::valkey
