// Every format is recognised by its first bytes.
#include "trace/trace_format.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

Result<TraceFormat> format_of(std::string bytes, std::string name = "trace") {
  TraceSource source = TraceSource::of(std::move(bytes), std::move(name));
  return recognise(source);
}

TEST(TraceFormat, IsKnownByTheFirstBytes) {
  EXPECT_EQ(format_of("time,key,size\n1,a,2\n"), TraceFormat::csv);
  EXPECT_EQ(format_of("\xEF\xBB\xBFkey,size\n"), TraceFormat::csv);
  EXPECT_EQ(format_of(R"({"time": 1, "key": "a"})"), TraceFormat::jsonl);
  EXPECT_EQ(format_of(R"({"image": "a.jpg", "text": "What is the \"key\"?"})"), TraceFormat::question_lines);
  EXPECT_EQ(format_of(R"({"image_id": 3, "question": "What?"})"), TraceFormat::question_lines);
  EXPECT_EQ(format_of("{\"info\": {},\n \"questions\" : [\n"), TraceFormat::question_document);
  EXPECT_EQ(format_of(R"({"name": "bursts", "questions": 15, "images": 50})"), TraceFormat::workload);
  EXPECT_EQ(format_of(std::string(16, '\0') + std::string(8, '\xff')), TraceFormat::oracle_general);
  EXPECT_EQ(format_of("id,bytes\n", "w01.csv"), TraceFormat::csv) << "so that the reader says which columns it misses";
  EXPECT_EQ(format_of("no zero bytes at all, and 24+", "w01.oracleGeneral"), TraceFormat::oracle_general);
}

TEST(TraceFormat, NothingIsConsumed) {
  TraceSource source = TraceSource::of("key,size\n", "trace");
  ASSERT_TRUE(recognise(source));
  EXPECT_EQ(**source.line(), "key,size");
}

TEST(TraceFormat, CompressedFilesSayHowToUnpackThem) {
  EXPECT_TRUE(format_of("\x1f\x8b\x08").error().message.contains("zcat <trace | fovea replay -"));
  EXPECT_TRUE(format_of("\x28\xb5\x2f\xfd....").error().message.contains("zstdcat"));
  EXPECT_TRUE(format_of(std::string("\xfd"
                                    "7zXZ\0",
                                    6))
                  .error()
                  .message.contains("xzcat"));
}

TEST(TraceFormat, WhatIsNoTraceIsRefused) {
  EXPECT_TRUE(format_of("").error().message.contains("is empty"));
  for (const char* text : {"Dear reader,", "<html>", "\n\n", "[1, 2]"})
    EXPECT_TRUE(format_of(text).error().message.contains("--format")) << text;
  const std::string picture("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0", 24);
  for (const std::string& bytes : {std::string(4800, '\0'), picture + std::string(24, '\xfe')})
    EXPECT_TRUE(format_of(bytes).error().message.contains("--format"));
}

}  // namespace
}  // namespace fovea
