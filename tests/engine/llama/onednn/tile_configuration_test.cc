// What ggml keeps in its threads outlives oneDNN's products. On processors with AMX alone.
#include "engine/llama/onednn/tile_configuration.h"

#include <gtest/gtest.h>

#include "engine/llama/onednn/kernel_choice.h"
#include "engine/llama/onednn/node_kernels.h"
#include "engine/llama/onednn/one_node.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace fovea::llama {
namespace {

using Configuration = std::array<std::byte, 64>;

[[gnu::target("amx-tile")]] void load(const Configuration& configuration) { _tile_loadconfig(configuration.data()); }
[[gnu::target("amx-tile")]] Configuration stored() {
  alignas(64) Configuration configuration;
  _tile_storeconfig(configuration.data());
  return configuration;
}

// Two tiles that no library uses so: 3 rows of 20 bytes, and 5 of 8.
Configuration of_our_own() {
  Configuration configuration{};
  configuration[0] = std::byte{1};  // the palette
  configuration[16] = std::byte{20}, configuration[48] = std::byte{3};
  configuration[18] = std::byte{8}, configuration[49] = std::byte{5};
  return configuration;
}

class TileConfiguration : public testing::Test {
 protected:
  void SetUp() override {
    if (!kernel_class(true).contains("AMX")) GTEST_SKIP() << "a processor without AMX";
  }
};

TEST_F(TileConfiguration, IsAsBefore) {
  load(of_our_own());
  {
    const TileConfigurationKept kept;
    load({});
    EXPECT_EQ(stored(), Configuration{});
  }
  EXPECT_EQ(stored(), of_our_own());
  load({});
}

TEST_F(TileConfiguration, OutlivesAProduct) {
  constexpr std::int64_t inner = 512, columns = 256, rows = 128;
  const test::Weight weight(GGML_TYPE_BF16, inner, columns, test::random_numbers(columns * inner, 1));
  test::OneNode node(
      [&](test::OneNode& graph) {
        return ggml_mul_mat(graph.context(), weight.tensor(),
                            graph.input(GGML_TYPE_F32, {inner, rows}, test::random_numbers(rows * inner, 2)));
      },
      1);
  GraphKernels kernels{std::make_unique<NodeKernels>(true, 1), nullptr, nullptr};
  load(of_our_own());
  node.compute(&kernels);
  EXPECT_EQ(node.node().op, GGML_OP_CUSTOM) << "oneDNN computed it";
  EXPECT_EQ(stored(), of_our_own());
  load({});
}

}  // namespace
}  // namespace fovea::llama

#endif
