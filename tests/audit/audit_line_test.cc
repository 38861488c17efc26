#include "audit/audit_line.h"

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::only_request;
using test::reading;

// All that a request can have, by a log that has it.
AuditedRequest full() {
  const std::string url = test::png_url(test::ramp(600, 300));
  AuditedRequest request =
      only_request(R"({"timestamp":1796000000.5,"client":"shop \"one\"","duration_ms":12.25,"ttft_ms":3,
      "body":{"model":"m\\n","temperature":0,"messages":[{"role":"system","content":"It is 05:00. )" +
                   std::string(3000, 'x') + R"("},{"role":"user","content":[
      {"type":"image_url","image_url":{"url":")" +
                   url + R"(","detail":"high"}},
      {"type":"image_url","image_url":{"url":"https://e.org/a.png?v=1"}},{"type":"input_audio"},
      {"type":"text","text":"What?"}]}]},"response":{"status":200,"usage":{"prompt_tokens":9,"completion_tokens":2,
      "prompt_tokens_details":{"cached_tokens":4}}}})");
  return request;
}

TEST(AuditLine, IsReadAsItWasWritten) {
  const AuditedRequest request = full();
  ASSERT_EQ(request.parts.size(), 5u);
  const std::string line = audit_line(request);
  EXPECT_TRUE(line.ends_with("}\n"));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const AuditedRequest read = only_request(line);
  EXPECT_EQ(audit_line(read), line);
  EXPECT_EQ(read.time_ms, request.time_ms);
  EXPECT_EQ(read.client, request.client);
  EXPECT_EQ(read.prefix_hashes, request.prefix_hashes);
  EXPECT_EQ(read.tile_hashes, request.tile_hashes);
  for (std::size_t i = 0; i < request.parts.size(); ++i) {
    const AuditedPart &a = request.parts[i], &b = read.parts[i];
    EXPECT_EQ(a.hash, b.hash);
    EXPECT_EQ(a.masked_hash, b.masked_hash);
    EXPECT_EQ(a.variables, b.variables);
    EXPECT_EQ(a.variable_at, b.variable_at);
    EXPECT_EQ(a.bytes, b.bytes);
    EXPECT_EQ(a.picture, b.picture);
    EXPECT_EQ(a.role, b.role);
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.message, b.message);
  }
  const AuditedPicture &a = request.pictures[0], &b = read.pictures[0];
  EXPECT_EQ(a.source_hash, b.source_hash);
  EXPECT_EQ(a.image_hash, b.image_hash);
  EXPECT_EQ(a.look, b.look);
  EXPECT_EQ(a.format, b.format);
  EXPECT_EQ(a.detail, b.detail);
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.tiles, b.tiles);
  EXPECT_TRUE(read.pictures[1].by_url);
}

TEST(AuditLine, OfAnEmptyRequest) {
  const std::string line = audit_line({});
  EXPECT_EQ(line, "{\"fovea_audit\":1,\"settings\":\"0000000000000000\",\"parts\":[]}\n");
  EXPECT_EQ(audit_line(only_request(line)), line);
}

// The form that docs/audit.md describes; a change of it takes another version.
TEST(AuditLine, HasAFixedForm) {
  AuditedRequest request{.time_ms = 1796000000000.5, .client = "c", .route = "/v1", .model = "m"};
  request.parts.push_back({.role = PartRole::system,
                           .variables = variable_time,
                           .bytes = 9,
                           .variable_at = 3,
                           .prefixes = 1,
                           .hash = 1,
                           .masked_hash = 2});
  request.prefix_hashes.push_back(255);
  request.parts.push_back({.kind = PartKind::image,
                           .message = 1,
                           .bytes = 70,
                           .variable_at = 70,
                           .picture = 0,
                           .hash = 3,
                           .masked_hash = 3});
  request.pictures.push_back({.source_hash = 3,
                              .detail = PictureDetail::low,
                              .format = Format::png,
                              .bytes = 70,
                              .width = 4,
                              .height = 5,
                              .image_hash = 6,
                              .look = 7});
  EXPECT_EQ(audit_line(request),
            R"({"fovea_audit":1,"time_ms":1796000000000.5,"client":"c","route":"/v1","model":"m",)"
            R"("settings":"0000000000000000","parts":[{"kind":"text","role":"system","message":0,"bytes":9,)"
            R"("hash":"0000000000000001","masked":"0000000000000002","variables":2,"variable_at":3,)"
            R"("prefixes":["00000000000000ff"]},{"kind":"image","role":"user","message":1,"bytes":70,)"
            R"("hash":"0000000000000003","picture":{"format":"PNG","detail":"low","width":4,"height":5,)"
            R"("image":"0000000000000006","look":"0000000000000007"}}]})"
            "\n");
}

TEST(AuditLine, IsRefusedWithWhatIsWrong) {
  const auto first_bad = [](const std::string& line) {
    const auto read = reading(audit_line({}) + line, test::as(LogFormat::audit));
    return read.summary ? read.summary->first_bad : read.summary.error().message;
  };
  EXPECT_TRUE(first_bad(R"({"fovea_audit":2,"parts":[]})").contains("version 2"));
  EXPECT_TRUE(first_bad(R"({"parts":[]})").contains("no fovea_audit"));
  EXPECT_TRUE(first_bad(R"({"fovea_audit":1})").contains("no parts"));
  EXPECT_TRUE(first_bad(R"({"fovea_audit":1,"parts":[{"kind":"text"}]})").contains("its field hash"));
  EXPECT_TRUE(first_bad(R"({"fovea_audit":1,"parts":[{"kind":"smell","hash":"0000000000000001"}]})").contains("kind"));
  EXPECT_TRUE(first_bad(R"({"fovea_audit":1,"parts":[{"hash":"00000000000000g1"}]})").contains("hash"));
  EXPECT_TRUE(
      first_bad(R"({"fovea_audit":1,"parts":[{"kind":"image","hash":"0000000000000001"}]})").contains("picture"));
  EXPECT_TRUE(first_bad(R"({"fovea_audit":1,"status":70000,"parts":[]})").contains("status"));
  EXPECT_TRUE(first_bad(R"({"fovea_audit":1,"par)").contains("no JSON")) << "the last line of a killed server";
}

}  // namespace
}  // namespace fovea
