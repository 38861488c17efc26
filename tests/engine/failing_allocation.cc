// Replaces the plain operator new and delete of the whole program; the forms for arrays call these. Those for
// wide alignment stay the library's own.
#include "engine/failing_allocation.h"

#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FOVEA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define FOVEA_SANITIZED 1
#endif
#endif
#ifndef FOVEA_SANITIZED
#define FOVEA_SANITIZED 0
#endif

namespace fovea::test {

namespace {

constexpr std::size_t none = 0;
thread_local std::size_t failing_bytes = none;
thread_local bool has_failed = false;

}  // namespace

const bool FailingAllocation::possible = FOVEA_SANITIZED == 0;

FailingAllocation::FailingAllocation(std::size_t bytes) {
  failing_bytes = bytes;
  has_failed = false;
}
FailingAllocation::~FailingAllocation() { failing_bytes = none; }

bool FailingAllocation::happened() const { return has_failed; }

namespace {

[[maybe_unused]] void* allocate(std::size_t bytes) {
  if (bytes != none && bytes == failing_bytes) {
    has_failed = true;
    throw std::bad_alloc();
  }
  if (void* const place = std::malloc(bytes == 0 ? 1 : bytes)) return place;
  throw std::bad_alloc();
}

}  // namespace

}  // namespace fovea::test

#if !FOVEA_SANITIZED
void* operator new(std::size_t bytes) { return fovea::test::allocate(bytes); }
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
#endif
