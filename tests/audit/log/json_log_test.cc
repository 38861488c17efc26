#include "audit/log/json_log.h"

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::reading;

const std::string request = R"({"model":"m","messages":[{"role":"user","content":"What?"}]})";

TEST(JsonLog, IsLinesOrAList) {
  EXPECT_EQ(reading(request + "\n" + request).requests.size(), 2u);
  EXPECT_EQ(reading("[" + request + ",\n" + request + "]\n").requests.size(), 2u);
  EXPECT_EQ(reading(" [" + request + "]", {.format = LogFormat::requests}).requests.size(), 1u);
}

TEST(JsonLog, PassesOverEmptyLines) {
  const auto read = reading("\n  \r\n" + request + "\n\n");
  ASSERT_TRUE(read.summary);
  EXPECT_EQ(read.summary->requests, 1u);
  EXPECT_EQ(read.summary->bad_entries, 0u);
}

TEST(JsonLog, TellsTheFirstLineThatIsWrong) {
  const auto read = reading(request + "\n{\"a\": \n5\n" + request + "\n");
  ASSERT_TRUE(read.summary);
  EXPECT_EQ(read.summary->requests, 2u);
  EXPECT_EQ(read.summary->bad_entries, 2u);
  EXPECT_TRUE(read.summary->first_bad.starts_with("log:2: it is no JSON")) << read.summary->first_bad;
  EXPECT_TRUE(reading(request + "\n5\n").summary->first_bad.contains("no JSON object"));
}

TEST(JsonLog, PassesOverALineThatIsTooLong) {
  const auto read = reading(request + "\n{\"x\":\"" + std::string(entry_bytes_max, 'x') + "\"}\n" + request + "\n");
  ASSERT_TRUE(read.summary);
  EXPECT_EQ(read.summary->requests, 2u);
  EXPECT_EQ(read.summary->first_bad, "log:2: it has more than 64 MiB");
}

TEST(JsonLog, SaysThatAListBreaksOff) {
  const auto read = reading("[" + request + ",{\"mod");
  ASSERT_FALSE(read.summary);
  EXPECT_EQ(read.summary.error().message, "log: entry 2: the document breaks off");
}

}  // namespace
}  // namespace fovea
