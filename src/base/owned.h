// Owned<T, Free>: the only owner of a C handle, which Free releases. Code outside it has no raw new/delete
// and no bare handles. Thread safety is that of std::unique_ptr.
#pragma once

#include <memory>

namespace fovea {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

template <typename T, auto Free>
using Owned = std::unique_ptr<T, FreeWith<Free>>;

}  // namespace fovea
