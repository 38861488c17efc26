#include "audit/log/content/content_hash.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(ContentHash, DependsOnKindBytesAndWhatIsBefore) {
  const std::uint64_t hash = content_hash(ContentKind::text, "abc");
  EXPECT_EQ(content_hash(ContentKind::text, "abc"), hash);
  EXPECT_NE(content_hash(ContentKind::text, "abd"), hash);
  EXPECT_NE(content_hash(ContentKind::masked, "abc"), hash);
  EXPECT_NE(content_hash(ContentKind::text, "abc", 1), hash);
  EXPECT_EQ(content_hash(ContentKind::text, std::as_bytes(std::span("abc", 3))), hash);
}

}  // namespace
}  // namespace fovea
