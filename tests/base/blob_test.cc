// Blob: immutable bytes that live as long as their last reader.
#include "fovea/blob.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace fovea {
namespace {

TEST(Blob, IsEmptyByDefault) {
  const Blob blob;
  EXPECT_TRUE(blob.empty());
  EXPECT_TRUE(blob.bytes().empty());
  EXPECT_EQ(blob.text(), "");
}

TEST(Blob, CopiesItsBytesOnce) {
  std::string text = "abc";
  const Blob blob = Blob::copy_of(text);
  text = "xyz";
  EXPECT_EQ(blob.text(), "abc");
  EXPECT_EQ(blob.size(), 3U);
}

TEST(Blob, HoldsNoBytesToo) { EXPECT_TRUE(Blob::copy_of("").empty()); }

TEST(Blob, CopiesShareTheBytes) {
  const Blob blob = Blob::copy_of("abc");
  const Blob copy = blob;
  EXPECT_EQ(copy.bytes().data(), blob.bytes().data());
}

TEST(Blob, OutlivesItsOwnerWhileSomeoneReads_Incident12) {
  std::optional<Blob> entry = Blob::copy_of("features");
  const Blob reader = *entry;
  entry.reset();
  EXPECT_EQ(reader.text(), "features");
}

TEST(Blob, IsFilledInPlaceAndReadAsFloats) {
  const Blob blob = Blob::filled(4 * sizeof(float), [](std::span<std::byte> out) {
    const float numbers[] = {1, 2, 3, 4};
    std::ranges::copy(std::as_bytes(std::span(numbers)), out.begin());
  });
  EXPECT_EQ(blob.as<float>()[3], 4.0F);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blob.bytes().data()) % 64, 0U);
}

}  // namespace
}  // namespace fovea
