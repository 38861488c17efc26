// An empty blob made by filled() still owns one byte, so that its address is valid and unique.
#include "fovea/blob.h"

#include <algorithm>
#include <new>

namespace fovea {

namespace {
constexpr std::align_val_t alignment{64};  // one cache line, which the widest vector registers load at once
}

std::shared_ptr<std::byte[]> Blob::allocate(std::size_t size) {
  auto* raw = static_cast<std::byte*>(::operator new(std::max<std::size_t>(size, 1), alignment));
  return {raw, [](std::byte* bytes) { ::operator delete(bytes, alignment); }};
}

Blob Blob::copy_of(std::span<const std::byte> bytes) {
  return filled(bytes.size(), [&](std::span<std::byte> out) { std::ranges::copy(bytes, out.begin()); });
}

}  // namespace fovea
