#include "app/server/server_settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace fovea::app {
namespace {

// The fault's sentence; "" where the flags are right.
std::string refusal(const ServeFlags& flags) {
  const auto settings = server_settings(flags);
  return settings ? "" : settings.error().message;
}

TEST(ServerSettings, SizesReachAllThatTheyBound) {
  const auto settings = server_settings({.body_max = "3MiB", .picture_max = "2MiB", .files_size = "1MiB"});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->http.body_bytes_max, 3U << 20);
  EXPECT_EQ(settings->service.rules.image_bytes_max, 2U << 20);
  EXPECT_EQ(settings->pipeline.decode_limits.source_bytes_max, 2U << 20);
  EXPECT_EQ(settings->service.decode_limits.source_bytes_max, 2U << 20);
  EXPECT_EQ(settings->service.fetch.bytes_max, 2U << 20);
  EXPECT_EQ(settings->service.files.bytes_max, 1U << 20);
}

TEST(ServerSettings, AWrongSizeNamesItsFlag) {
  EXPECT_TRUE(refusal({.body_max = "big"}).starts_with("--max-body: "));
  EXPECT_TRUE(refusal({.picture_max = "big"}).starts_with("--max-picture: "));
  EXPECT_TRUE(refusal({.files_size = "big"}).starts_with("--files-size: "));
  EXPECT_TRUE(refusal({.image_order = "any"}).starts_with("--image-order: "));
}

TEST(ServerSettings, NearFramesAreOffUnlessAskedFor) {
  EXPECT_FALSE(server_settings({})->pipeline.frames);
  const auto settings = server_settings({.frames = "tolerance", .frames_exact_every = 9, .frames_memory = "1MiB"});
  ASSERT_TRUE(settings);
  ASSERT_TRUE(settings->pipeline.frames);
  EXPECT_EQ(settings->pipeline.frames->exact_every, 9u);
  EXPECT_EQ(settings->pipeline.frames->bytes_max, 1U << 20);
  EXPECT_TRUE(refusal({.frames_memory = "much"}).starts_with("--frames-memory: "));
}

TEST(ServerSettings, OthersMayAskOnlyWithKeysOrInsecure) {
  ServeFlags flags;
  for (const char* host : {"127.0.0.1", "127.1.2.3", "::1", "localhost"}) {
    flags.http.host = host;
    EXPECT_EQ(refusal(flags), "") << host;
  }
  flags.http.host = "0.0.0.0";
  EXPECT_TRUE(refusal(flags).starts_with("--host 0.0.0.0: "));
  flags.insecure = true;
  EXPECT_EQ(refusal(flags), "");
  flags.keys = "/no/such/keys.toml";
  EXPECT_NE(refusal(flags), "") << "a file of keys is read though --insecure is given";
}

TEST(ServerSettings, ACertificateHasItsKeyAndBothAreRead) {
  EXPECT_EQ(refusal({.tls_cert = "/no/such.pem"}),
            "--tls-cert: a certificate needs its private key: give --tls-key FILE, too");
  EXPECT_EQ(refusal({.tls_key = "/no/such.key"}), "--tls-key: a key needs its certificate: give --tls-cert FILE, too");
  EXPECT_TRUE(refusal({.tls_cert = "/no/such.pem", .tls_key = "/no/such.key"})
                  .starts_with("--tls-cert and --tls-key: /no/such.pem: "));
  EXPECT_FALSE(server_settings({})->http.certificate);
}

TEST(ServerSettings, TheHeaderToRouteByIsALowerCaseName) {
  EXPECT_EQ(server_settings({.route_header = "X-Route-Key"})->route_header, "x-route-key");
  EXPECT_TRUE(refusal({.route_header = "Authorization"}).starts_with("--route-header: Authorization has a meaning"));
}

TEST(ServerSettings, LocalhostIsTheLoopbackAddress) {
  ServeFlags flags;
  flags.http.host = "localhost";
  EXPECT_EQ(server_settings(flags)->http.host, "127.0.0.1");
}

TEST(ServerSettings, TheMemoryForBodiesHoldsTheLargestOne) {
  EXPECT_EQ(server_settings({.body_memory = "80MiB"})->http.body_memory_bytes_max, 80U << 20);
  EXPECT_EQ(server_settings({.body_memory = "1MiB"})->http.body_memory_bytes_max, 64U << 20) << "of --max-body";
  EXPECT_TRUE(refusal({.body_memory = "much"}).starts_with("--body-memory: "));
}

TEST(ServerSettings, AnOriginIsWhatABrowserSends) {
  ServeFlags flags;
  flags.http.cors_origins = {"https://app.example", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:3000",
                             "chrome-extension://abcdefgh"};
  EXPECT_EQ(refusal(flags), "");
  flags.http.cors_origins = {"*"};
  EXPECT_EQ(refusal(flags), "");
  for (const char* origin :
       {"app.example", "https://app.example/", "https://", "://a", "https://*.example", "https://App.example",
        "https://app.example:443", "http://app.example:x", "http://app.example:", "https://me@app.example", "null"}) {
    flags.http.cors_origins = {origin};
    EXPECT_TRUE(refusal(flags).starts_with("--cors-origins ")) << origin;
  }
  flags.http.cors_origins = {"https://a.example", "*"};
  EXPECT_TRUE(refusal(flags).contains("stands alone"));
}

TEST(ServerSettings, NamesAreCheckedWhereNobodyElseMayAsk) {
  ServeFlags flags;
  EXPECT_TRUE(server_settings(flags)->http.names_checked);
  flags.insecure = true;
  EXPECT_FALSE(server_settings(flags)->http.names_checked);
}

TEST(ServerSettings, PagesAreCheckedWhereNoKeysAreAskedFor) {
  ServeFlags flags;
  EXPECT_TRUE(server_settings(flags)->http.pages_checked);
  flags.insecure = true;
  EXPECT_TRUE(server_settings(flags)->http.pages_checked);
  const std::filesystem::path keys = std::filesystem::path(testing::TempDir()) / "server_settings_keys.toml";
  std::ofstream(keys) << "[tenants.alice]\nkeys = [\"" << serve::hash_of_key("key") << "\"]\n";
  flags.keys = keys.string();
  EXPECT_FALSE(server_settings(flags)->http.pages_checked) << "no page has a key";
  std::filesystem::remove(keys);
}

TEST(ServerSettings, ThereAreMoreThreadsThanRequestsThatCompute) {
  EXPECT_GT(server_settings({.requests_max = 100})->http.handler_threads, 100U);
}

TEST(ServerSettings, TheModelIsCalledByItsFileOrItsAlias) {
  EXPECT_EQ(server_settings({})->service.model, "fovea-tiny");
  EXPECT_EQ(server_settings({.model = {.model = "/models/llava-q4.gguf"}})->service.model, "llava-q4");
  EXPECT_EQ(server_settings({.alias = "mine"})->service.model, "mine");
}

TEST(ServerSettings, ALogThatCannotBeOpenedIsAFault) {
  EXPECT_NE(refusal({.log = "/no/such/folder/log.jsonl"}), "");
  EXPECT_EQ(server_settings({})->log, nullptr);
}

}  // namespace
}  // namespace fovea::app
