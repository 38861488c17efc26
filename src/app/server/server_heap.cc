// glibc's heap keeps freed blocks for the thread that had them, and learns from each large block that is
// freed to keep such blocks too. With pictures of megabytes and some seventy threads that adds up to
// gigabytes which nobody uses. A fixed threshold ends the learning: a block above it is memory of its own,
// which goes back to the system when it is freed. It costs a page fault for each page of such a block, which
// is little beside reading a picture of that size. Below it, a few heaps shared by all threads keep less than
// one for each.
#include "app/server/server_heap.h"

#include <malloc.h>

namespace fovea::app {

namespace {

constexpr int own_memory_bytes = 1 << 20;
constexpr int kept_bytes_max = 4 << 20;  // at the end of each heap
constexpr int heaps_max = 4;

}  // namespace

void give_memory_back() {
  mallopt(M_MMAP_THRESHOLD, own_memory_bytes);
  mallopt(M_TRIM_THRESHOLD, kept_bytes_max);
  mallopt(M_ARENA_MAX, heaps_max);
}

}  // namespace fovea::app
