#include "tier/rocksdb/learnt.h"

#include <gtest/gtest.h>

#include <vector>

namespace fovea {
namespace {

const ReuseMemory memory{
    .calls = 1000, .counts = {0, 1.5, 1e9}, .uses = {{.id = 7, .age = 900, .uses = 3, .kind = 5}, {.id = 8, .age = 2}}};

TEST(LearntTest, ComesBackAsItWas) { EXPECT_EQ(reuse_memory_in(written(memory).written()), memory); }

TEST(LearntTest, NothingIsLearntFromWhatIsCutOrOfAnotherVersion) {
  const ByteWriter note = written(memory);
  const auto bytes = note.written();
  for (std::size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(reuse_memory_in(bytes.first(length)));
  std::vector<std::byte> longer(bytes.begin(), bytes.end());
  longer.push_back({});
  EXPECT_FALSE(reuse_memory_in(longer));
  longer.pop_back();
  longer[0] = std::byte{2};
  EXPECT_FALSE(reuse_memory_in(longer));
}

}  // namespace
}  // namespace fovea
