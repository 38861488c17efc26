// Owned<T, Free>: the one owner of a C handle, released by Free. No raw new/delete and no bare handles elsewhere.
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
