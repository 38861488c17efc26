// FailingAllocation: while it lives, an allocation of exactly so many bytes on its thread throws
// std::bad_alloc.
//
// A test knows the size of what it wants to fail: a list of so many items, a state of so many bytes. It
// belongs to one thread, and only one lives there at a time. Owns nothing.
#pragma once

#include <cstddef>

namespace fovea::test {

class FailingAllocation {
 public:
  // False under the sanitizers, which have an operator new of their own.
  static const bool possible;

  explicit FailingAllocation(std::size_t bytes);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  // Whether there was one.
  bool happened() const;
};

}  // namespace fovea::test
