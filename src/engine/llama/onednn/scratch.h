// Scratch: the memory in which one of ggml's threads prepares what it computes, and what it has prepared
// there. Used by one thread at a time.
#pragma once

#include <dnnl.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace fovea::llama {

class Scratch {
 public:
  // What a buffer is for. A work uses as many of them as it needs.
  enum Use : std::uint8_t {
    input,
    output,
    weights,
    scores,
    probabilities,
    rows,
    packed_keys,
    packed_values,
    library,
    uses
  };

  dnnl::stream& stream() { return stream_; }
  explicit Scratch(const dnnl::engine& engine) : stream_(engine) {}

  // Makes room for `bytes`; what was there is lost. Throws std::bad_alloc.
  void reserve(Use use, std::size_t bytes) {
    Buffer& buffer = buffers_[use];
    if (bytes <= buffer.size) return;
    const std::size_t size = aligned(bytes);
    buffer.bytes.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, size)));
    buffer.size = buffer.bytes ? size : 0;
    prepared_ = {};
    if (!buffer.bytes) throw std::bad_alloc();
  }
  void* at(Use use) const { return buffers_[use].bytes.get(); }
  // Part `index` of a buffer whose parts have `bytes` bytes, which are aligned().
  void* at(Use use, std::int64_t index, std::size_t bytes) const {
    return buffers_[use].bytes.get() + static_cast<std::size_t>(index) * bytes;
  }
  // Rounded up, so that parts of a buffer can lie side by side.
  static std::size_t aligned(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

  // Whether part `part` of a work is what was prepared last; from now on it is.
  bool is_prepared(std::uint64_t work, std::size_t part) {
    const bool same = prepared_.work == work && prepared_.part == part;
    prepared_ = {work, part};
    return same;
  }

 private:
  static constexpr std::size_t alignment = 64;  // a cache line, and the widest vector
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  struct Buffer {
    std::unique_ptr<std::byte, Free> bytes;
    std::size_t size = 0;
  };
  struct Prepared {
    std::uint64_t work = 0;  // 0 = none
    std::size_t part = 0;
  };

  dnnl::stream stream_;
  std::array<Buffer, uses> buffers_;
  Prepared prepared_;
};

}  // namespace fovea::llama
