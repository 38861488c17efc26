// Over a backend that records what it is asked, and over a pipeline whose engine counts what it encodes.
#include "serve/warm_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <format>
#include <fstream>
#include <memory>
#include <string>

#include "image/data_url.h"
#include "pictures/sources.h"
#include "pipeline/scripted_engine.h"
#include "serve/engine_backend.h"
#include "serve/fake_backend.h"
#include "serve/fake_exchange.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::FakeBackend;
using test::FakeExchange;
using test::value_at;
using testing::ElementsAre;
using testing::IsEmpty;

const Tenant alice{.name = "alice"};
const Tenant admin{.name = "root", .admin = true};

std::string quoted(const std::string& text) { return '"' + text + '"'; }
std::string data_url(const Blob& bytes) { return encode_data_url("image/png", bytes); }
std::string body_of_images(const std::string& images, const std::string& more = "") {
  return "{" + more + R"("images":[)" + images + "]}";
}

class WarmHandlerTest : public testing::Test {
 protected:
  WarmHandlerTest() : keys_(std::filesystem::temp_directory_path() / std::format("fovea-warm-test-{}.toml", getpid())) {
    std::ofstream(keys_) << "[tenants.bob]\ngroup = \"lab\"\nkeys = [\"" << hash_of_key("bob-key") << "\"]\n";
    tenants_ = Tenants::open(keys_).value();
    backend_.warm_report.images = {{.width = 8, .height = 4, .tiles = 3, .tiles_hit = 1}};
  }
  ~WarmHandlerTest() override { std::filesystem::remove(keys_); }

  FakeExchange warm(const std::string& body, const Tenant& tenant = alice, double timeout_ms = 1000) {
    FakeExchange exchange("/v1/cache/warm", body);
    const WarmHandler::Parts parts{
        .backend = backend_, .images = images_, .tenants = *tenants_, .rules = {}, .timeout_ms = timeout_ms};
    WarmHandler(parts).warm(exchange, tenant);
    return exchange;
  }

  const std::string inline_ = quoted(data_url(Blob::copy_of("bytes")));
  const std::filesystem::path keys_;
  std::unique_ptr<Tenants> tenants_;
  FakeBackend backend_;
  FileStore files_{{}};
  ImageResolver images_{files_, nullptr};
};

TEST_F(WarmHandlerTest, TakesEveryFormOfAPicture) {
  const std::string id = files_.add("alice", "cat.png", Blob::copy_of("uploaded"))->id;
  const std::string part =
      R"({"type":"image_url","image_url":{"url":)" + quoted(data_url(Blob::copy_of("part"))) + "}}";
  const FakeExchange exchange = warm(body_of_images(inline_ + "," + quoted(id) + "," + part));
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_THAT(backend_.warmed, ElementsAre("bytes", "uploaded", "part"));
  EXPECT_EQ(value_at(exchange.replied->body, "/object"), R"("cache.warm")");
  EXPECT_EQ(value_at(exchange.replied->body, "/images/2/tiles"), "3");
  EXPECT_EQ(value_at(exchange.replied->body, "/images/2/hit"), "false");
  EXPECT_EQ(value_at(exchange.replied->body, "/images/0/key"), quoted(Key{}.hex()));
}

TEST_F(WarmHandlerTest, WarmsForTheCallerAndItsSalt) {
  warm(body_of_images(inline_, R"("cache_salt":"pepper",)"));
  EXPECT_EQ(backend_.warm_request.tenant, "alice");
  EXPECT_EQ(backend_.warm_request.cache_salt, "pepper");
  EXPECT_GT(backend_.warm_request.timeout_ms, 0);
}

TEST_F(WarmHandlerTest, ComputesNothingWhereOnlyWhatIsStoredIsWanted) {
  FakeExchange exchange("/v1/cache/warm", body_of_images(inline_));
  exchange.headers["cache-control"] = "only-if-cached";
  const WarmHandler::Parts parts{
      .backend = backend_, .images = images_, .tenants = *tenants_, .rules = {}, .timeout_ms = 1000};
  WarmHandler(parts).warm(exchange, alice);
  EXPECT_EQ(exchange.status(), 504);
  EXPECT_THAT(backend_.warmed, IsEmpty());
}

TEST_F(WarmHandlerTest, OneBadPictureIsToldInItsPlace) {
  const FakeExchange exchange =
      warm(body_of_images(R"("file-unknown",7,"ftp://x","https://example.com/a.png",)" + inline_));
  EXPECT_EQ(exchange.status(), 200);
  const std::string& body = exchange.replied->body;
  EXPECT_EQ(value_at(body, "/images/0/error/code"), R"("file_not_found")");
  EXPECT_EQ(value_at(body, "/images/1/error/param"), R"("images[1]")");
  EXPECT_EQ(value_at(body, "/images/2/error/code"), R"("invalid_image_url")");
  EXPECT_EQ(value_at(body, "/images/3/error/code"), R"("image_url_not_allowed")");
  EXPECT_EQ(value_at(body, "/images/4/tiles"), "3");
}

TEST_F(WarmHandlerTest, NoPictureIsFetchedOnceTheTimeIsOver) {
  const FakeExchange exchange = warm(body_of_images(R"("file-unknown",)" + inline_), alice, 0);
  EXPECT_EQ(exchange.status(), 200);
  const std::string& body = exchange.replied->body;
  EXPECT_EQ(value_at(body, "/images/0/error/code"), R"("timed_out")") << "it was not looked for";
  EXPECT_EQ(value_at(body, "/images/1/error/code"), R"("timed_out")");
  EXPECT_EQ(value_at(body, "/images/1/error/param"), R"("images[1]")");
  EXPECT_THAT(backend_.warmed, IsEmpty());
}

TEST_F(WarmHandlerTest, WhatIsNoPictureIsToldInItsPlace) {
  backend_.decodes = fail(Fault::invalid, "images[0]: not a picture");
  const FakeExchange exchange = warm(body_of_images(inline_));
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_EQ(value_at(exchange.replied->body, "/images/0/error/message"), R"("images[0]: not a picture")");
  EXPECT_EQ(value_at(exchange.replied->body, "/images/0/error/param"), R"("images[0]")");
}

TEST_F(WarmHandlerTest, AnotherTenantsFileIsNotFound) {
  const std::string id = files_.add("bob", "cat.png", Blob::copy_of("bob's"))->id;
  const FakeExchange exchange = warm(body_of_images(quoted(id)));
  EXPECT_EQ(value_at(exchange.replied->body, "/images/0/error/code"), R"("file_not_found")");
  EXPECT_THAT(backend_.warmed, IsEmpty());
}

TEST_F(WarmHandlerTest, AnAdminWarmsForAnotherTenantAndItsGroup) {
  const std::string id = files_.add("bob", "cat.png", Blob::copy_of("bob's"))->id;
  EXPECT_EQ(warm(body_of_images(quoted(id), R"("tenant":"bob",)"), admin).status(), 200);
  EXPECT_THAT(backend_.warmed, ElementsAre("bob's"));
  EXPECT_EQ(backend_.warm_request.tenant, "bob");
  EXPECT_EQ(backend_.warm_request.group, "lab");
  EXPECT_EQ(warm(body_of_images(inline_, R"("tenant":"nobody",)"), admin).status(), 404);
}

TEST_F(WarmHandlerTest, OthersWarmForThemselvesOnly) {
  EXPECT_EQ(warm(body_of_images(inline_, R"("tenant":"bob",)")).status(), 403);
  EXPECT_THAT(backend_.warmed, IsEmpty());
  EXPECT_EQ(warm(body_of_images(inline_, R"("tenant":"alice",)")).status(), 200);
}

TEST_F(WarmHandlerTest, HasAnEndToItsPictures) {
  std::string images = inline_;
  for (std::size_t i = 1; i < WarmHandler::images_max; ++i) images += "," + inline_;
  EXPECT_EQ(warm(body_of_images(images)).status(), 200);
  EXPECT_EQ(backend_.warmed.size(), WarmHandler::images_max);
  const FakeExchange one_more = warm(body_of_images(images + "," + inline_));
  EXPECT_EQ(one_more.status(), 400);
  EXPECT_EQ(value_at(one_more.replied->body, "/error/code"), R"("too_many_images")");
}

TEST_F(WarmHandlerTest, RefusesWhatNamesNoPictures) {
  for (const char* body : {"", "{", "[]", "{}", R"({"images":"x"})", R"({"images":[]})"})
    EXPECT_EQ(warm(body).status(), 400) << body;
  EXPECT_THAT(backend_.warmed, IsEmpty());
}

TEST_F(WarmHandlerTest, RefusesWhereNothingWouldBeKept) {
  backend_.keeps = refuse({}, "another server encodes");
  EXPECT_EQ(warm(body_of_images(inline_)).status(), 400);
  EXPECT_THAT(backend_.warmed, IsEmpty());
}

// A pipeline of embeddings, and the handler in front of it.
class WarmPipelineTest : public testing::Test, private Observer {
 protected:
  explicit WarmPipelineTest(PipelineOptions options = {}) : pipeline_(engine_, options) {}

  std::string warm(const std::string& body, const Tenant& tenant = alice) {
    FakeExchange exchange("/v1/cache/warm", body);
    handler_.warm(exchange, tenant);
    return exchange.replied->body;
  }

  const std::string dot_ = quoted(data_url(fovea::test::plain_png(8, 8, {1, 2, 3}).bytes));
  fovea::test::ScriptedEngine engine_;
  Pipeline pipeline_;
  Tenants tenants_;
  FileStore files_{{}};
  ImageResolver images_{files_, nullptr};
  EngineBackend backend_{{.pipeline = pipeline_,
                          .engine = engine_,
                          .images = images_,
                          .observer = *this,
                          .rules = {},
                          .model = "tiny",
                          .timeout_ms = {}}};
  WarmHandler handler_{{.backend = backend_, .images = images_, .tenants = tenants_, .rules = {}, .timeout_ms = {}}};

 private:
  void served(const Served&) override {}
};

TEST_F(WarmPipelineTest, TheSecondTimeEverythingIsKnown) {
  const std::string first = warm(body_of_images(dot_));
  EXPECT_EQ(value_at(first, "/images/0/hit"), "false");
  EXPECT_NE(value_at(first, "/images/0/key"), quoted(Key{}.hex()));
  const int encodes = engine_.encodes.load();
  EXPECT_GT(encodes, 0);
  const std::string second = warm(body_of_images(dot_ + "," + dot_));
  EXPECT_EQ(value_at(second, "/images/0/hit"), "true");
  EXPECT_EQ(value_at(second, "/images/1/tiles"), value_at(second, "/images/1/tiles_hit"));
  EXPECT_EQ(engine_.encodes, encodes);
  EXPECT_EQ(engine_.generations, 0);
}

TEST_F(WarmPipelineTest, AnotherTenantHasNothingOfIt) {
  warm(body_of_images(dot_));
  EXPECT_EQ(value_at(warm(body_of_images(dot_), {.name = "bob"}), "/images/0/hit"), "false");
}

class WarmWithoutALevelTest : public WarmPipelineTest {
 protected:
  WarmWithoutALevelTest() : WarmPipelineTest({.embedding_bytes_max = 0}) {}
};

TEST_F(WarmWithoutALevelTest, IsRefused) {
  EXPECT_EQ(value_at(warm(body_of_images(dot_)), "/error/code"), R"("nothing_to_warm")");
  EXPECT_EQ(engine_.encodes, 0);
}

}  // namespace
}  // namespace fovea::serve
