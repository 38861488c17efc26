#include "serve/asking/intake.h"

#include <gtest/gtest.h>

#include "serve/fake_exchange.h"
#include "serve/files/file_store.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::FakeExchange;
using test::outcome;

class IntakeTest : public testing::Test {
 protected:
  FileStore files_{{}};
  const ImageResolver images_{files_, nullptr};
  const Intake intake_{{.images = images_, .rules = {.messages_max = 1}, .timeout_ms = 5000, .attention = true}};
};

TEST_F(IntakeTest, ReadsABodyByTheRules) {
  const std::string message = R"({"role":"user","content":"a"})";
  EXPECT_EQ(outcome(intake_.read(FakeExchange("/", R"({"messages":[)" + message + "]}"), read_chat_request)), "read");
  EXPECT_EQ(
      outcome(intake_.read(FakeExchange("/", R"({"messages":[)" + message + "," + message + "]}"), read_chat_request)),
      "invalid_value messages");
  EXPECT_EQ(outcome(intake_.read(FakeExchange("/", "{"), read_chat_request)), "invalid_json ");
}

TEST_F(IntakeTest, MakesARequestOfTheTenant) {
  ChatRequest asked{.messages = {{.role = "user", .parts = {ImageSlot{0}}}},
                    .images = {{Blob::copy_of(std::string_view("ABC")), "here"}},
                    .options = {.temperature = 0.5},
                    .template_args = R"({"a":1})",
                    .continue_final = true,
                    .top_logprobs = 0,
                    .cache_salt = "salt"};
  FakeExchange exchange("/");
  exchange.headers["cache-control"] = "no-store";
  const auto request = intake_.request_of(std::move(asked), exchange, {.name = "alice", .group = "lab"});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->tenant, "alice");
  EXPECT_EQ(request->group, "lab");
  EXPECT_EQ(request->cache_salt, "salt");
  EXPECT_EQ(request->timeout_ms, 5000);
  EXPECT_TRUE(request->attention);
  EXPECT_TRUE(request->no_cache_read) << "log probabilities are computed";
  EXPECT_TRUE(request->continue_final);
  EXPECT_EQ(request->template_args, R"({"a":1})");
  EXPECT_EQ(request->options.temperature, 0.5);
  EXPECT_FALSE(request->cache.write);
  ASSERT_EQ(request->sources.size(), 1U);
  EXPECT_EQ(request->sources[0].bytes.text(), "ABC");
}

TEST_F(IntakeTest, FramesAreACamerasOnlyWhereTheClientNamesOne) {
  const auto camera = [&](const std::string& name, const std::string& tenant) {
    ChatRequest asked{.messages = {{.role = "user", .parts = {"what?"}}}, .camera = name, .session = "a user"};
    return intake_.request_of(std::move(asked), FakeExchange("/"), {.name = tenant}).value().camera;
  };
  EXPECT_FALSE(camera("", "alice"));
  ASSERT_TRUE(camera("door", "alice"));
  EXPECT_NE(camera("door", "alice"), camera("door", "bob"));
}

TEST_F(IntakeTest, RefusesAFileThatIsNotThere) {
  ChatRequest asked{.images = {{ImageFileId{"file-1"}, "messages[0].content[0].file.file_id"}}};
  const auto request = intake_.request_of(std::move(asked), FakeExchange("/"), {.name = "alice"});
  EXPECT_EQ(outcome(request), "file_not_found messages[0].content[0].file.file_id");
}

}  // namespace
}  // namespace fovea::serve
