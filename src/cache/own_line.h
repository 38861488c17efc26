// OnOwnLine: an allocator for std::allocate_shared that begins each object, with its count of references, on a cache line of its
// own: reading the object after taking a reference is then one wait for memory instead of two, and no two objects' counts share
// a line that their readers would pass to and fro.
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
