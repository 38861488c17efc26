// The whole tier over TLS, with certificates made for the test by the program openssl.
#include "tier/valkey/wire/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <format>
#include <fstream>

#include "tier/valkey/lying_server.h"
#include "tier/valkey/tier_entries.h"
#include "tier/valkey/valkey_server.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {
namespace {

using test::entry_named;
using test::find_one;
using test::insert_into;
using test::key_named;
using testing::HasSubstr;

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<ScratchFolder>(ScratchFolder::make("fovea-tls").value());
    make("right", "IP:127.0.0.1,DNS:localhost");
    make("other_name", "DNS:elsewhere.example");
  }
  static void TearDownTestSuite() { folder.reset(); }

  // A key and a certificate that signs itself, for these names.
  static void make(const std::string& name, const std::string& names) {
    const std::string command = std::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={0} "
        // no old name of ours, but X.509's:
        "-addext subjectAltName={1} -keyout {2}.key -out {2}.pem 2>/dev/null",
        name, names, (folder->path() / name).string());
    ASSERT_EQ(std::system(command.c_str()), 0) << "the program openssl is missing";
  }
  static std::string file(const std::string& name) { return (folder->path() / name).string(); }

  struct TlsServer {
    std::uint16_t port = test::free_port();
    test::ValkeyServer server;
    explicit TlsServer(const std::string& name, bool asks_for_certificates = false)
        : server({"--tls-port", std::to_string(port), "--tls-cert-file", file(name + ".pem"), "--tls-key-file",
                  file(name + ".key"), "--tls-ca-cert-file", file(name + ".pem"), "--tls-auth-clients",
                  asks_for_certificates ? "yes" : "no"}) {}
  };
  static std::unique_ptr<ValkeyTier> open(std::uint16_t port, valkey::TlsFiles tls,
                                          const std::string& host = "127.0.0.1") {
    return ValkeyTier::open({.address = std::format("valkeys://{}:{}", host, port), .tls = std::move(tls)}).value();
  }
  static std::string why(ValkeyTier& tier) {
    const Key key = key_named("picture");
    const auto found = tier.find_many(RecordKind::embedding, std::span(&key, 1), {});
    return found ? "it works" : found.error().message;
  }

  static std::unique_ptr<ScratchFolder> folder;
};
std::unique_ptr<ScratchFolder> TlsTest::folder;

TEST_F(TlsTest, CarriesEntriesOfEverySize) {
  const TlsServer server("right");
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto tier = open(server.port, {.authorities = file("right.pem")}, host);
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{40'000}, std::size_t{10'000'000}}) {
      const TierEntry entry = entry_named(std::to_string(bytes), bytes);
      insert_into(*tier, entry);
      const auto hit = find_one(*tier, entry.key);
      ASSERT_TRUE(hit);
      EXPECT_TRUE(hit->entry.record.text() == entry.record.text());
    }
  }
}

TEST_F(TlsTest, DoesNotBelieveStrangers) {
  const TlsServer server("right"), other_name("other_name");
  EXPECT_THAT(why(*open(server.port, {.authorities = file("other_name.pem")})),
              HasSubstr("check the server's certificate"));
  EXPECT_THAT(why(*open(server.port, {})), HasSubstr("check the server's certificate"))
      << "the system knows no such authority";
  EXPECT_THAT(why(*open(other_name.port, {.authorities = file("other_name.pem")})), HasSubstr("IP address mismatch"));
  EXPECT_THAT(why(*open(other_name.port, {.authorities = file("other_name.pem")}, "localhost")),
              HasSubstr("hostname mismatch"));
}

TEST_F(TlsTest, ShowsItsOwnCertificateWhereItIsAskedTo) {
  const TlsServer server("right", true);
  EXPECT_NE(why(*open(server.port, {.authorities = file("right.pem")})), "it works");
  EXPECT_EQ(why(*open(server.port, {file("right.pem"), file("right.pem"), file("right.key")})), "it works");
}

TEST_F(TlsTest, TakesAServerWithoutTlsForOneThatFails) {
  const test::ValkeyServer server;
  const auto tier = ValkeyTier::open({.address = std::format("valkeys://127.0.0.1:{}", server.port()),
                                      .tls = {.authorities = file("right.pem")},
                                      .wait_max = std::chrono::milliseconds(100)})
                        .value();
  EXPECT_NE(why(*tier), "it works");
}

TEST_F(TlsTest, OutlivesAServerThatCloses) {
  const test::LyingServer closing([](test::LyingPeer&) {});
  const auto tier = open(closing.port(), {.authorities = file("right.pem")});
  for (int i = 0; i < 2; ++i) EXPECT_NE(why(*tier), "it works");
}

TEST_F(TlsTest, SaysWhatIsWrongWithItsFiles) {
  std::ofstream(file("empty.pem")) << "nothing";
  const auto why_not = [](const valkey::TlsFiles& files) {
    const auto context = valkey::TlsContext::open(files);
    return context ? "it is usable" : context.error().message;
  };
  EXPECT_EQ(why_not({}), "it is usable");
  EXPECT_THAT(why_not({.authorities = file("absent.pem")}), HasSubstr("absent.pem"));
  EXPECT_THAT(why_not({.authorities = file("empty.pem")}), HasSubstr("empty.pem"));
  EXPECT_THAT(why_not({.certificate = file("right.pem")}), HasSubstr("needs its key's file"));
  EXPECT_THAT(why_not({.certificate = file("empty.pem"), .key = file("right.key")}), HasSubstr("empty.pem"));
  EXPECT_THAT(why_not({.certificate = file("right.pem"), .key = file("empty.pem")}), HasSubstr("empty.pem"));
}

}  // namespace
}  // namespace fovea
