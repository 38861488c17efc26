#include "audit/log/log_format.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

// The format's name, or the fault's.
std::string recognised(std::string text) {
  TraceSource source = TraceSource::of(std::move(text), "log");
  const auto format = recognise_log(source);
  return format ? std::string(to_string(*format)) : "fault: " + std::string(to_string(format.error().fault));
}

TEST(LogFormat, IsToldByTheFirstBytes) {
  EXPECT_EQ(recognised(R"({"model":"m","messages":[]})"), "requests");
  EXPECT_EQ(recognised(R"([{"model":"m","messages":[]}])"), "requests");
  EXPECT_EQ(recognised(R"({"timestamp":1,"body":{"model":"m","messages":[]}})"), "requests");
  EXPECT_EQ(recognised(R"({"id":"1","call_type":"acompletion","startTime":1.5,"messages":[]})"), "litellm");
  EXPECT_EQ(recognised("INFO 07-13 05:27:44 [logger.py:43] Received request 1: prompt: 'x', params: P()"), "vllm");
  EXPECT_EQ(recognised(R"({"log":{"version":"1.2","entries":[]}})"), "har");
  EXPECT_EQ(recognised("{\n \"log\": {\n  \"creator\": {}}}"), "har");
  EXPECT_EQ(recognised("picture,question\na.png,What?\n"), "csv");
  EXPECT_EQ(recognised("\xEF\xBB\xBFtime,\"image\",prompt\r\n"), "csv");
  EXPECT_EQ(recognised(R"({"questions":[{"image_id":1,"question":"What?"}]})"), "questions");
  EXPECT_EQ(recognised(R"({"image":"a.jpg","question":"What?"})"), "questions");
  EXPECT_EQ(recognised(R"({"fovea_audit":1,"parts":[]})"), "audit");
}

TEST(LogFormat, IsNotToldByWhatIsInTexts) {
  EXPECT_EQ(recognised(R"({"model":"m","messages":[{"role":"user","content":"{\"questions\": [\"fovea_audit\"]}"}]})"),
            "requests");
}

TEST(LogFormat, IsRefusedWithWhatIsRead) {
  EXPECT_EQ(recognised(""), "fault: invalid");
  EXPECT_EQ(recognised("\x89PNG\r\n\x1a\n"), "fault: invalid");
  EXPECT_EQ(recognised("a,b\n1,2\n"), "fault: invalid");
  EXPECT_EQ(recognised("\x1f\x8b\x08"), "fault: unsupported");
  TraceSource source = TraceSource::of("\x1f\x8b\x08", "log.gz");
  EXPECT_TRUE(recognise_log(source).error().message.contains("zcat <log.gz | fovea audit -"));
}

TEST(LogFormat, HasANameForEach) {
  for (int i = 0; i <= static_cast<int>(LogFormat::audit); ++i) {
    const auto format = static_cast<LogFormat>(i);
    EXPECT_EQ(log_format(to_string(format)), format);
    EXPECT_TRUE(log_formats.contains(to_string(format)));
  }
  EXPECT_FALSE(log_format("pcap"));
}

}  // namespace
}  // namespace fovea
