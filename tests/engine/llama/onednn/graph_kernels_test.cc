// Both models of the bundled pair, computed by oneDNN and by ggml alone.
#include "engine/llama/onednn/graph_kernels.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/llama/llama_engine.h"
#include "engine/llama/onednn/one_node.h"
#include "engine/models.h"

namespace fovea::llama {
namespace {

std::unique_ptr<LlamaEngine> engine(KernelChoice kernels, std::int32_t threads = 2) {
  return LlamaEngine::open({.model = fovea::test::tiny_model,
                            .mmproj = fovea::test::tiny_mmproj,
                            .threads = threads,
                            .kernels = kernels})
      .value();
}

Blob embedding_by(LlamaEngine& engine) {
  const std::vector<float> noise = test::random_numbers(96 * 96 * 3, 7);
  std::string pixels;
  for (const float number : noise) pixels.push_back(static_cast<char>(static_cast<std::uint8_t>(127 + 120 * number)));
  const DecodedImage image{.width = 96, .height = 96, .pixels = Blob::copy_of(pixels)};
  const auto tiled = engine.preprocess(image).value();
  return engine.encode(*tiled, 0, {}).value().embedding;
}

double error_of(const Blob& embedding, const Blob& reference) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < reference.as<float>().size(); ++i) {
    const double wanted = reference.as<float>()[i];
    difference += std::pow(embedding.as<float>()[i] - wanted, 2);
    size += wanted * wanted;
  }
  return std::sqrt(difference / size);
}

TEST(GraphKernels, EncodeAsGgmlDoesButForRounding) {
  const auto ggml = engine(KernelChoice::ggml), onednn = engine(KernelChoice::f32);
  const double error = error_of(embedding_by(*onednn), embedding_by(*ggml));
  EXPECT_LT(error, 0.01);
  EXPECT_GT(error, 0) << "other kernels computed it";
  EXPECT_NE(onednn->vision_fingerprint(), ggml->vision_fingerprint());
  EXPECT_NE(onednn->text_fingerprint(), ggml->text_fingerprint());
}

TEST(GraphKernels, EncodeTheSameBitsWithAnyThreads) {
  const auto one = engine(KernelChoice::automatic, 1), three = engine(KernelChoice::automatic, 3);
  EXPECT_EQ(embedding_by(*one).text(), embedding_by(*three).text());
  EXPECT_EQ(one->vision_fingerprint(), three->vision_fingerprint());
}

TEST(GraphKernels, AnotherCallbackSeesTheGraphAsItWasBuilt) {
  std::vector<ggml_op> seen;
  const auto next = [](ggml_tensor* node, bool ask, void* data) {
    if (ask) static_cast<std::vector<ggml_op>*>(data)->push_back(node->op);
    return !ask;
  };
  GraphKernels kernels(std::make_unique<NodeKernels>(false, 1), next, &seen);
  const test::Weight weight(GGML_TYPE_F32, 64, 64, test::random_numbers(64 * 64, 1));
  test::OneNode node(
      [&](test::OneNode& graph) {
        return ggml_mul_mat(graph.context(), weight.tensor(),
                            graph.input(GGML_TYPE_F32, {64, 32}, test::random_numbers(64 * 32, 2)));
      },
      1);
  node.compute(&kernels);
  EXPECT_EQ(seen, std::vector{GGML_OP_MUL_MAT});
  EXPECT_EQ(node.node().op, GGML_OP_CUSTOM);
}

}  // namespace
}  // namespace fovea::llama
