#include "audit/body_reader.h"

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

TEST(BodyReader, ReadsOneBodyAfterAnother) {
  BodyReader reader;
  AuditedRequest request;
  const std::string url = test::png_url(test::ramp(60, 40));
  const std::string body =
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":")" + url + R"("}]}]})";
  ASSERT_TRUE(reader.read("/v1/chat/completions?x=1", body, request));
  EXPECT_EQ(request.route, "/v1/chat/completions");
  EXPECT_TRUE(request.pictures.at(0).image_hash);
  const std::uint64_t hash = request.parts.at(0).hash;
  ASSERT_TRUE(reader.read("/v1/chat/completions", body, request));
  EXPECT_EQ(request.parts.size(), 1u) << "nothing of the one before stays";
  EXPECT_EQ(request.parts[0].hash, hash);
}

TEST(BodyReader, DecodesNothingIfItMayNot) {
  BodyReader reader({.decode = false});
  AuditedRequest request;
  const std::string url = test::png_url(test::ramp(60, 40));
  ASSERT_TRUE(reader.read(
      "/", R"({"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":")" + url + R"("}]}]})",
      request));
  EXPECT_FALSE(request.pictures.at(0).image_hash);
  EXPECT_EQ(request.pictures[0].width, 60u);
}

TEST(BodyReader, RefusesWhatIsNoBody) {
  BodyReader reader;
  AuditedRequest request;
  for (const char* body : {"", "x", "[]", "{}", R"({"model":"m"})", R"({"messages":5})"})
    EXPECT_FALSE(reader.read("/", body, request)) << body;
}

}  // namespace
}  // namespace fovea
