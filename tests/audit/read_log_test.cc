#include "audit/read_log.h"

#include <filesystem>
#include <fstream>

#include "audit/audit_line.h"
#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::png_url;
using test::ramp;
using test::reading;

const std::string samples = FOVEA_SOURCE_DIR "/samples/audit/";

struct Sample {
  std::string name;
  LogFormat format;
  std::uint64_t requests;
  std::uint64_t pictures;
};

// The samples of every format, which docs/audit.md names. They are ours.
TEST(ReadLog, ReadsASampleOfEachFormat) {
  const Sample all[] = {{"chat.jsonl", LogFormat::requests, 8, 8},     {"responses.jsonl", LogFormat::requests, 3, 3},
                        {"messages.jsonl", LogFormat::requests, 3, 3}, {"litellm.jsonl", LogFormat::litellm, 4, 3},
                        {"vllm.log", LogFormat::vllm, 4, 0},           {"browser.har", LogFormat::har, 2, 2},
                        {"questions", LogFormat::csv, 5, 5},           {"recorded.jsonl", LogFormat::audit, 8, 8}};
  for (const auto& [name, format, requests, pictures] : all) {
    std::uint64_t asked = 0;
    const auto read = read_log(samples + name, {}, [&](const AuditedRequest& request) {
      ++asked;
      EXPECT_FALSE(request.parts.empty()) << name;
    });
    ASSERT_TRUE(read) << name << ": " << read.error().message;
    EXPECT_EQ(read->format, format) << name;
    EXPECT_EQ(read->requests, requests) << name;
    EXPECT_EQ(asked, requests) << name;
    EXPECT_EQ(read->bad_entries, 0u) << name << ": " << read->first_bad;
    EXPECT_EQ(read->pictures, pictures) << name;
  }
}

// What a server recorded of the requests in chat.jsonl says the same as they do.
TEST(ReadLog, ReadsARecordedLogAsTheRequestsThemselves) {
  std::string lines;
  const auto add = [&](const AuditedRequest& request) { lines += audit_line(request); };
  ASSERT_TRUE(read_log(samples + "chat.jsonl", {}, add));
  const std::string written = lines;
  lines.clear();
  ASSERT_TRUE(read_log(samples + "recorded.jsonl", {}, add));
  EXPECT_EQ(lines, written);
}

TEST(ReadLog, CountsPictures) {
  const std::string url = png_url(ramp(60, 40));
  const auto line = [](const std::string& picture) {
    return R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":")" + picture +
           "\"}}]}]}\n";
  };
  const auto read = reading(line(url) + line(url) + line("https://e.org/a.png") + line("data:;base64,QUJD"));
  ASSERT_TRUE(read.summary);
  EXPECT_EQ(read.summary->pictures, 4u);
  EXPECT_EQ(read.summary->pictures_by_url, 1u);
  EXPECT_EQ(read.summary->undecodable, 1u);
  EXPECT_EQ(read.summary->undecoded, 0u);
  EXPECT_EQ(reading(line(url), {.decode = false}).summary->undecoded, 1u);
}

TEST(ReadLog, SaysWhyThereIsNoRequest) {
  EXPECT_TRUE(reading("hello\n").summary.error().message.contains("no log that is read. Read are JSON lines"));
  const auto bad = reading("{\"a\":1}\n{\"b\":2}\n");
  EXPECT_TRUE(bad.summary.error().message.contains("log: no request could be read as requests; the first: log:1: "))
      << bad.summary.error().message;
  EXPECT_FALSE(read_log("/nowhere/log.jsonl", {}, [](const AuditedRequest&) {}));
}

TEST(ReadLog, ReadsTheLogsOfAFolderByName) {
  const auto folder = std::filesystem::temp_directory_path() / "fovea_read_log_test";
  std::filesystem::create_directories(folder);
  for (const char* name : {"b.jsonl", "a.jsonl", "key"})
    std::ofstream(folder / name) << R"({"fovea_audit":1,"client":")" << name << R"(","parts":[]})" << "\n";
  std::string clients;
  const auto read =
      read_log(folder.string(), {}, [&](const AuditedRequest& request) { clients += request.client + " "; });
  EXPECT_TRUE(read);
  EXPECT_EQ(clients, "a.jsonl b.jsonl ");
  std::ofstream(folder / "x.csv");
  std::ofstream(folder / "y.csv");
  EXPECT_TRUE(read_log(folder.string(), {}, [](const AuditedRequest&) {}).error().message.contains("2 CSV files"));
  std::filesystem::remove_all(folder);
}

TEST(ReadLog, TellsItsProgress) {
  double last = -1;
  std::array<TraceSource, 1> sources{TraceSource::of(R"({"model":"m","input":"x"})", "log")};
  ASSERT_TRUE(read_log(
      sources, {}, [](const AuditedRequest&) {},
      [&](double fraction) {
        EXPECT_GE(fraction, last);
        last = fraction;
      }));
  EXPECT_GE(last, 0);
}

}  // namespace
}  // namespace fovea
