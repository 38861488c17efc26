// The corpus of the fuzz target encrypted_entry, in every ordinary build.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "tier/encryption/hostile_encrypted.h"

namespace fovea {
namespace {

TEST(EncryptedEntryCorpus, HoldsOneThatDecryptsAndOthers) {
  int decrypted = 0, others = 0;
  std::mt19937 draw(1);
  for (const auto& one : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/encrypted_entry")) {
    std::ifstream file(one.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    test::check_hostile_encrypted(std::as_bytes(std::span(bytes)));
    ++(test::decrypted_payload(std::as_bytes(std::span(bytes))) ? decrypted : others);
    for (int i = 0; i < 200 && !bytes.empty(); ++i) {
      bytes[draw() % bytes.size()] ^= static_cast<char>(1 << draw() % 8);
      test::check_hostile_encrypted(std::as_bytes(std::span(bytes)));
    }
  }
  EXPECT_EQ(decrypted, 1);
  EXPECT_GE(others, 5);
}

}  // namespace
}  // namespace fovea
