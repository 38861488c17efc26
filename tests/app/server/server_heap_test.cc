#include "app/server/server_heap.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>

#include "base/owned.h"

namespace fovea::app {
namespace {

// Blocks that are memory of their own.
std::size_t blocks_apart() { return mallinfo2().hblks; }

TEST(ServerHeap, ALargeBlockIsGivenBackHoweverOften) {
  if (mallinfo2().arena == 0) GTEST_SKIP() << "a sanitizer's heap, not the C library's";
  give_memory_back();
  const std::size_t before = blocks_apart();
  for (int i = 0; i < 3; ++i) {  // left alone, the heap keeps the second one
    const Owned<void, std::free> block(std::malloc(8 << 20));
    *static_cast<volatile char*>(block.get()) = 1;  // or the compiler leaves it out
    EXPECT_EQ(blocks_apart(), before + 1) << i;
  }
  EXPECT_EQ(blocks_apart(), before);
}

}  // namespace
}  // namespace fovea::app
