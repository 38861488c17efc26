// NodeWork: one node of a graph, cut into units that ggml's threads take one after another.
//
// What a unit is depends on the node's shape alone, so the numbers do not depend on how many threads there
// are. A thread that is held up takes fewer units. Units are computed concurrently; begin() is called before.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/llama/onednn/scratch.h"

namespace fovea::llama {

class NodeWork {
 public:
  virtual ~NodeWork() = default;

  // Prepares for another computation of the node. `serial` is another number each time, above 0.
  void begin(std::uint64_t serial) {
    serial_ = serial;
    next_ = 0;
  }
  // Makes room in a thread's scratch. Throws std::bad_alloc.
  virtual void reserve(Scratch& scratch) const = 0;

  // Computes units until none is left. Throws dnnl::error.
  void run(Scratch& scratch) {
    for (std::size_t unit = next_++; unit < units_; unit = next_++) compute(unit, scratch);
  }

 protected:
  explicit NodeWork(std::size_t units) : units_(units) {}
  virtual void compute(std::size_t unit, Scratch& scratch) = 0;
  std::uint64_t serial() const { return serial_; }

 private:
  const std::size_t units_;
  std::uint64_t serial_ = 0;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace fovea::llama
