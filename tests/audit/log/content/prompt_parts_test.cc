#include "audit/log/content/prompt_parts.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

AuditedRequest of_text(std::string_view text) {
  AuditedRequest request;
  add_text(text, {PartRole::system, 3}, request);
  return request;
}

TEST(PromptParts, AreHashesOfTexts) {
  const AuditedRequest request = of_text("You are helpful. It is 05:00.");
  ASSERT_EQ(request.parts.size(), 1u);
  const AuditedPart& part = request.parts[0];
  EXPECT_EQ(part.role, PartRole::system);
  EXPECT_EQ(part.message, 3u);
  EXPECT_EQ(part.bytes, 29u);
  EXPECT_EQ(part.variables, variable_time);
  EXPECT_EQ(part.variable_at, 23u);
  EXPECT_EQ(part.masked_hash, of_text("You are helpful. It is 06:30.").parts[0].masked_hash);
  EXPECT_NE(part.hash, of_text("You are helpful. It is 06:30.").parts[0].hash);
  EXPECT_EQ(of_text("plain").parts[0].masked_hash, of_text("plain").parts[0].hash);
  EXPECT_TRUE(of_text("").parts.empty());
}

TEST(PromptParts, HaveThePrefixHashesOfLongTexts) {
  std::string a(5000, 'a'), b = a;
  b[1100] = 'b';  // in the fifth step of 256 bytes
  const AuditedRequest first = of_text(a), second = of_text(b);
  ASSERT_EQ(first.prefix_hashes.size(), second.prefix_hashes.size());
  EXPECT_EQ(first.parts[0].prefixes, first.prefix_hashes.size());
  for (std::uint32_t i = 0; i < first.parts[0].prefixes; ++i)
    EXPECT_EQ(first.prefix_hashes[i] == second.prefix_hashes[i], prefix_bytes(i) <= 1100) << i;
  EXPECT_NE(first.parts[0].hash, second.parts[0].hash);
  // A prefix hash is of the beginning alone, whatever comes behind it.
  EXPECT_EQ(of_text(a.substr(0, 600)).prefix_hashes[1], first.prefix_hashes[1]);
  EXPECT_EQ(of_text(std::string(255, 'a')).parts[0].prefixes, 0u);
}

TEST(PromptParts, HaveABoundedNumberOfPrefixHashes) {
  EXPECT_EQ(of_text(std::string(4 << 20, 'a')).parts[0].prefixes, prefix_hashes_max);
  EXPECT_EQ(prefix_bytes(0), 256u);
  EXPECT_EQ(prefix_bytes(7), 2048u);
  EXPECT_GT(prefix_bytes(prefix_hashes_max - 1), 1u << 20);
}

TEST(PromptParts, MayBeSomethingElse) {
  AuditedRequest request;
  add_other("audio", {}, request);
  EXPECT_EQ(request.parts[0].kind, PartKind::other);
  EXPECT_EQ(request.parts[0].picture, AuditedPart::no_picture);
  EXPECT_NE(request.parts[0].hash, of_text("audio").parts[0].hash);
}

}  // namespace
}  // namespace fovea
