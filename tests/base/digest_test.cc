// Digest: plain BLAKE3, so that anyone's BLAKE3 gives the same.
#include "base/digest.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "fovea/key.h"

namespace fovea {
namespace {

std::string hex(const Digest& digest) { return Key{digest}.hex(); }

// The input of BLAKE3's own test vectors: 0, 1, ... 250, 0, 1, ...
std::vector<std::byte> counted(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i % 251);
  return bytes;
}

// From test_vectors.json of the BLAKE3 team: the first 32 bytes of "hash". One chunk is 1024 bytes.
TEST(Digest, IsBlake3) {
  EXPECT_EQ(hex(digest({})), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
  EXPECT_EQ(hex(digest({counted(1024)})), "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7");
  EXPECT_EQ(hex(digest({counted(1025)})), "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444");
}

// From the same file: the first 32 bytes of "derive_key".
TEST(Digest, DerivesKeysAsBlake3Does) {
  const std::string_view context = "BLAKE3 2019-12-27 16:29:52 test vectors context";
  EXPECT_EQ(hex(derived_digest(context, {})), "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d");
  EXPECT_NE(derived_digest(context, {counted(1)}), derived_digest("another", {counted(1)}));
  EXPECT_NE(derived_digest(context, {counted(1)}), derived_digest(context, {counted(2)}));
}

TEST(Digest, DoesNotSeeWhereAPartEnds) {
  const std::vector<std::byte> whole = counted(3000);
  const std::span<const std::byte> bytes(whole);
  for (const std::size_t at : {0u, 1u, 64u, 1024u, 2999u, 3000u})
    EXPECT_EQ(digest({bytes.first(at), bytes.subspan(at)}), digest({bytes})) << at;
  EXPECT_NE(digest({bytes.first(1), bytes.first(2)}), digest({bytes.first(2), bytes.first(2)}));
}

}  // namespace
}  // namespace fovea
