#include "app/server/open_recorder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/scratch_folder.h"
#include "serve/fake_exchange.h"

namespace fovea::app {
namespace {

TEST(OpenRecorder, NothingIsRecordedUnlessItIsAskedFor) {
  const auto opened = open_recorder({});
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, nullptr);
}

TEST(OpenRecorder, NamesTheFlagThatIsWrong) {
  const ScratchFolder scratch = ScratchFolder::make("open-recorder-test").value();
  ServeFlags flags;
  flags.audit = scratch.path() / "traffic";
  flags.audit_size = "some";
  EXPECT_TRUE(open_recorder(flags).error().message.starts_with("--audit-size: 'some'"));
  flags.audit_size = "1KiB";
  EXPECT_TRUE(open_recorder(flags).error().message.starts_with("--audit: "));
  std::ofstream(scratch.path() / "file") << "x";
  flags = {};
  flags.audit = scratch.path() / "file";
  EXPECT_TRUE(open_recorder(flags).error().message.starts_with("--audit: "));
}

TEST(OpenRecorder, RecordsWhatABodyAsksWithoutWhatItSays) {
  const ScratchFolder scratch = ScratchFolder::make("open-recorder-test").value();
  ServeFlags flags;
  flags.audit = scratch.path() / "traffic";
  auto recorder = std::move(open_recorder(flags).value());
  serve::test::FakeExchange exchange("/v1/chat/completions",
                                     R"({"model":"m","messages":[{"role":"user","content":"Secret question"}]})");
  serve::WatchedExchange watched(exchange);
  watched.reply({.body = R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}})"});
  recorder->add(watched, {.name = "alice"}, 1'796'000'000'000);
  recorder.reset();
  std::ifstream file(scratch.path() / "traffic" / "requests-20261130-000001.jsonl");
  const std::string line(std::istreambuf_iterator<char>(file), {});
  EXPECT_TRUE(line.starts_with("{\"fovea_audit\":1,")) << line;
  for (const char* part : {"\"client\":\"alice\"", "\"model\":\"m\"", "\"prompt_tokens\":5", "\"answer_tokens\":2"})
    EXPECT_TRUE(line.contains(part)) << part << "\n" << line;
  EXPECT_FALSE(line.contains("Secret")) << line;
}

}  // namespace
}  // namespace fovea::app
