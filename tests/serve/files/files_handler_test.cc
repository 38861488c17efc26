#include "serve/files/files_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

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
const Tenant bob{.name = "bob"};

std::string code_of(const FakeExchange& exchange) { return value_at(exchange.replied->body, "/error/code"); }

class FilesHandlerTest : public testing::Test {
 protected:
  static constexpr std::uint64_t image_bytes_max = 100;

  // The reply to an upload of `bytes`.
  FakeExchange upload(std::string_view bytes, std::string_view purpose = "vision") {
    FakeExchange exchange("/v1/files");
    exchange.fields = {{"purpose", "", purpose}, {"file", "cat.png", bytes}};
    handler_.upload(exchange, alice);
    return exchange;
  }
  // The id of an uploaded file.
  std::string uploaded(std::string_view bytes) {
    const std::string id = value_at(upload(bytes).replied->body, "/id");
    return id.substr(1, id.size() - 2);
  }

  FakeBackend backend_;
  FileStore files_{{}};
  FilesHandler handler_{files_, backend_, image_bytes_max, {}};
};

TEST_F(FilesHandlerTest, AnUploadIsStoredAndItsImageWarmed) {
  const FakeExchange exchange = upload("bytes");
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_EQ(value_at(exchange.replied->body, "/filename"), R"("cat.png")");
  EXPECT_EQ(value_at(exchange.replied->body, "/bytes"), "5");
  EXPECT_THAT(backend_.warmed, ElementsAre("bytes"));
  EXPECT_EQ(files_.list("alice").size(), 1U);
}

TEST_F(FilesHandlerTest, WhatIsNoImageIsRefusedAndNotStored) {
  backend_.decodes = fail(Fault::invalid, "not a picture");
  const FakeExchange exchange = upload("bytes");
  EXPECT_EQ(exchange.status(), 400);
  EXPECT_EQ(value_at(exchange.replied->body, "/error/param"), R"("file")");
  EXPECT_THAT(files_.list("alice"), IsEmpty());
}

TEST_F(FilesHandlerTest, AnEncodeThatFailsAfterTheReplyIsNotReported) {
  backend_.encodes = fail(Fault::unavailable, "busy");
  EXPECT_EQ(upload("bytes").status(), 200);
  EXPECT_EQ(files_.list("alice").size(), 1U);
}

TEST_F(FilesHandlerTest, AFormNeedsAPurposeAndAFile) {
  FakeExchange no_file("/v1/files");
  no_file.fields = {{"purpose", "", "vision"}};
  handler_.upload(no_file, alice);
  EXPECT_EQ(code_of(no_file), R"("missing_required_parameter")");
  EXPECT_EQ(code_of(upload("bytes", "fine-tune")), R"("invalid_value")");
  EXPECT_THAT(backend_.warmed, IsEmpty());
}

TEST_F(FilesHandlerTest, APurposeMayBeVisionOrUserData) {
  EXPECT_EQ(upload("bytes", "vision").status(), 200);
  EXPECT_EQ(upload("bytes", "user_data").status(), 200);
  EXPECT_EQ(upload("bytes", "").status(), 400);
}

TEST_F(FilesHandlerTest, AFileIsShownAsItWasUploaded) {
  EXPECT_EQ(value_at(upload("a", "user_data").replied->body, "/purpose"), R"("user_data")");
  upload("b", "vision");
  FakeExchange list("/v1/files");
  list.parameters["purpose"] = "user_data";
  handler_.list(list, alice);
  EXPECT_EQ(value_at(list.replied->body, "/data/0/bytes"), "1");
  EXPECT_EQ(value_at(list.replied->body, "/data/0/purpose"), R"("user_data")");
  EXPECT_EQ(value_at(list.replied->body, "/data/1"), "absent");
}

TEST_F(FilesHandlerTest, AnthropicsClientsGetTheirForm) {
  FakeExchange exchange("/v1/files");
  exchange.headers["anthropic-version"] = "2023-06-01";
  exchange.fields = {{"file", "cat.gif", "GIF89a"}};
  handler_.upload(exchange, alice);
  EXPECT_EQ(value_at(exchange.replied->body, "/mime_type"), R"("image/gif")");
  EXPECT_EQ(value_at(exchange.replied->body, "/size_bytes"), "6");
}

TEST_F(FilesHandlerTest, TheErrorOfAnotherFileNamesVideosToo) {
  backend_.decodes = fail(Fault::invalid, "This is text.");
  EXPECT_TRUE(value_at(upload("bytes").replied->body, "/error/message").contains("A video may be uploaded too: MP4"));
}

TEST_F(FilesHandlerTest, ListsAsManyAsAClientWants) {
  const std::string first = uploaded("a"), second = uploaded("b");
  FakeExchange list("/v1/files");
  list.parameters["limit"] = "1";
  handler_.list(list, alice);
  EXPECT_EQ(value_at(list.replied->body, "/data/0/id"), '"' + second + '"');
  EXPECT_EQ(value_at(list.replied->body, "/data/1"), "absent");
  EXPECT_EQ(value_at(list.replied->body, "/has_more"), "true");
  EXPECT_EQ(value_at(list.replied->body, "/last_id"), '"' + second + '"');
  FakeExchange bad("/v1/files");
  bad.parameters["limit"] = "many";
  handler_.list(bad, alice);
  EXPECT_EQ(bad.status(), 400);
}

TEST_F(FilesHandlerTest, AnImageAboveTheLimitIsRefusedBeforeItIsDecoded) {
  EXPECT_EQ(upload(std::string(image_bytes_max, 'x')).status(), 200);
  EXPECT_EQ(upload(std::string(image_bytes_max + 1, 'x')).status(), 413);
  EXPECT_EQ(backend_.warmed.size(), 1U);
}

TEST_F(FilesHandlerTest, ListsTheTenantsOwnFiles) {
  uploaded("bytes");
  FakeExchange own("/v1/files");
  handler_.list(own, alice);
  EXPECT_EQ(value_at(own.replied->body, "/data/0/bytes"), "5");
  FakeExchange others("/v1/files");
  handler_.list(others, bob);
  EXPECT_EQ(value_at(others.replied->body, "/data"), "[]");
}

TEST_F(FilesHandlerTest, ShowsAFileAndGivesItsContentAsADownload) {
  const std::string id = uploaded("bytes");
  FakeExchange shown("/v1/files/" + id);
  handler_.show(shown, alice);
  EXPECT_EQ(value_at(shown.replied->body, "/id"), '"' + id + '"');
  FakeExchange content("/v1/files/" + id + "/content");
  handler_.show(content, alice);
  EXPECT_EQ(content.replied->body, "bytes");
  EXPECT_EQ(content.replied->content_type, "application/octet-stream");
  EXPECT_EQ(content.reply_header("Content-Disposition"), "attachment");
  EXPECT_EQ(content.reply_header("X-Content-Type-Options"), "nosniff");
}

TEST_F(FilesHandlerTest, AFileOfAnotherTenantDoesNotExist) {
  const std::string id = uploaded("bytes");
  for (const auto handle : {&FilesHandler::show, &FilesHandler::remove}) {
    FakeExchange exchange("/v1/files/" + id);
    (handler_.*handle)(exchange, bob);
    EXPECT_EQ(exchange.status(), 404);
  }
  EXPECT_EQ(files_.list("alice").size(), 1U);
}

TEST_F(FilesHandlerTest, RemovesAFileOnce) {
  const std::string id = uploaded("bytes");
  FakeExchange removed("/v1/files/" + id);
  handler_.remove(removed, alice);
  EXPECT_EQ(value_at(removed.replied->body, "/deleted"), "true");
  FakeExchange again("/v1/files/" + id);
  handler_.remove(again, alice);
  EXPECT_EQ(again.status(), 404);
}

}  // namespace
}  // namespace fovea::serve
