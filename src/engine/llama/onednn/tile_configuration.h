// TileConfigurationKept: while it lives, the thread's AMX tile configuration may be changed. Then it is as
// before.
//
// ggml loads its configuration once on each of its threads, and its matrix products rely on it. oneDNN loads
// its own for each product and releases it. Then ggml's next tile instruction would be an illegal one. Does
// nothing on processors without AMX. Belongs to the thread that makes it.
#pragma once

#include <array>
#include <cstddef>

namespace fovea::llama {

class TileConfigurationKept {
 public:
  TileConfigurationKept();
  ~TileConfigurationKept();
  TileConfigurationKept(const TileConfigurationKept&) = delete;
  TileConfigurationKept& operator=(const TileConfigurationKept&) = delete;

 private:
  alignas(64) std::array<std::byte, 64> before_{};  // as the instructions store and load it
};

}  // namespace fovea::llama
