// OnOwnLine: an allocator for std::allocate_shared. It puts each object and its reference count on cache
// lines of their own.
//
// A reader that takes a reference then waits for memory once instead of twice, and no two objects' reference
// counts share a line that their readers would take from each other. Stateless and thread-safe.
#pragma once

#include <cstddef>
#include <new>

namespace fovea {

template <typename T>
struct OnOwnLine {
  using value_type = T;
  static constexpr std::size_t line = 64;

  OnOwnLine() = default;
  template <typename U>
  explicit(false) OnOwnLine(const OnOwnLine<U>&) {}
  T* allocate(std::size_t count) {
    const std::size_t lines = (count * sizeof(T) + line - 1) / line;
    return static_cast<T*>(::operator new(lines * line, std::align_val_t{line}));
  }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, std::align_val_t{line}); }
  friend bool operator==(const OnOwnLine&, const OnOwnLine&) = default;
};

}  // namespace fovea
