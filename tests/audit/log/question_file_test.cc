#include "audit/log/question_file.h"

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::reading;

TEST(QuestionFile, HasARequestAQuestion) {
  const auto document =
      reading(R"({"questions":[{"image_id":7,"question":"What?"},{"image_id":7,"question":"Who?"}]})");
  ASSERT_TRUE(document.summary) << document.summary.error().message;
  EXPECT_EQ(document.summary->format, LogFormat::questions);
  ASSERT_EQ(document.requests.size(), 2u);
  EXPECT_EQ(document.requests[0].pictures[0].source_hash, document.requests[1].pictures[0].source_hash);
  EXPECT_NE(document.requests[0].parts[1].hash, document.requests[1].parts[1].hash);
  EXPECT_FALSE(document.requests[0].time_ms);
  EXPECT_TRUE(document.requests[0].deterministic);
}

TEST(QuestionFile, MayBeLines) {
  const auto lines = reading("{\"image\":\"a.jpg\",\"text\":\"What?\"}\n{\"image\":\"b.jpg\",\"text\":\"What?\"}\n");
  ASSERT_TRUE(lines.summary) << lines.summary.error().message;
  ASSERT_EQ(lines.requests.size(), 2u);
  EXPECT_EQ(lines.requests[0].parts[1].hash, lines.requests[1].parts[1].hash);
}

}  // namespace
}  // namespace fovea
