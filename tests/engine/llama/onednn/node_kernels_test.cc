// Products and attention beside a plain reference in double: weights of all kinds, and shapes that do not
// divide evenly.
#include "engine/llama/onednn/node_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/llama/onednn/kernel_choice.h"
#include "engine/llama/onednn/one_node.h"

namespace fovea::llama {
namespace {

using test::OneNode, test::random_numbers, test::Weight;

GraphKernels kernels(bool bfloat16, int threads = 2) {
  return {std::make_unique<NodeKernels>(bfloat16, threads), nullptr, nullptr};
}

// The relative error: the root mean square of the differences, by that of the reference.
double error_of(const std::vector<float>& numbers, const std::vector<double>& reference) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    difference += (numbers[i] - reference[i]) * (numbers[i] - reference[i]);
    size += reference[i] * reference[i];
  }
  return std::sqrt(difference / size);
}

struct MatrixCase {
  ggml_type type;
  std::int64_t inner, columns, rows;
};

class Matrix {
 public:
  explicit Matrix(MatrixCase shape)
      : shape_(shape),
        input_(random_numbers(static_cast<std::size_t>(shape.rows * shape.inner), 1)),
        weight_(shape.type, shape.inner, shape.columns,
                random_numbers(static_cast<std::size_t>(shape.columns * shape.inner), 2)) {}

  OneNode node(int threads = 2) const {
    return OneNode(
        [this](OneNode& graph) {
          return ggml_mul_mat(graph.context(), weight_.tensor(),
                              graph.input(GGML_TYPE_F32, {shape_.inner, shape_.rows}, input_));
        },
        threads);
  }
  std::vector<double> reference() const {
    const std::vector<float> weight = weight_.numbers();
    std::vector<double> products;
    for (std::int64_t row = 0; row < shape_.rows; ++row) {
      for (std::int64_t column = 0; column < shape_.columns; ++column) {
        double sum = 0;
        for (std::int64_t i = 0; i < shape_.inner; ++i)
          sum += double{input_[row * shape_.inner + i]} * weight[column * shape_.inner + i];
        products.push_back(sum);
      }
    }
    return products;
  }

 private:
  MatrixCase shape_;
  std::vector<float> input_;
  Weight weight_;
};

TEST(NodeKernels, ComputeProductsOfWeights) {
  for (const MatrixCase& shape : {MatrixCase{GGML_TYPE_F32, 64, 48, 16}, MatrixCase{GGML_TYPE_F16, 96, 300, 131},
                                  MatrixCase{GGML_TYPE_Q8_0, 128, 513, 40}, MatrixCase{GGML_TYPE_Q4_0, 64, 256, 257},
                                  MatrixCase{GGML_TYPE_F32, 33, 7, 128}}) {
    const Matrix matrix(shape);
    GraphKernels exact = kernels(false);
    EXPECT_LT(error_of(matrix.node().compute(&exact), matrix.reference()), 1e-6) << ggml_type_name(shape.type);
    EXPECT_EQ(exact.take_failure(), std::nullopt);
  }
}

TEST(NodeKernels, MultiplyQuantisedWeightsAsBfloat16MoreExactlyThanGgml) {
  if (!multiplies_bfloat16()) GTEST_SKIP() << "this processor does not multiply bfloat16";
  const Matrix matrix({GGML_TYPE_Q8_0, 768, 96, 70});
  GraphKernels rounded = kernels(true);
  const double error = error_of(matrix.node().compute(&rounded), matrix.reference());
  EXPECT_LT(error, error_of(matrix.node().compute(nullptr), matrix.reference()));
  EXPECT_GT(error, 1e-5) << "as bfloat16, not as float32";
}

TEST(NodeKernels, TheBitsDoNotDependOnTheThreads) {
  const Matrix matrix({GGML_TYPE_F16, 80, 600, 300});
  GraphKernels alone = kernels(false, 1);
  const auto expected = matrix.node(1).compute(&alone);
  for (const int threads : {2, 5}) {
    GraphKernels shared = kernels(false, threads);
    EXPECT_EQ(matrix.node(threads).compute(&shared), expected) << threads << " threads";
  }
}

TEST(NodeKernels, AGraphThatIsComputedAgainTakesItsNewInput) {
  const Matrix matrix({GGML_TYPE_F32, 64, 40, 50});
  GraphKernels exact = kernels(false);
  OneNode node = matrix.node();
  const auto first = node.compute(&exact);
  EXPECT_EQ(node.node().op, GGML_OP_CUSTOM) << "the node was taken";
  OneNode::fill(node.node().src[1], std::vector<float>(64 * 50, 0));
  EXPECT_EQ(node.compute(&exact), std::vector<float>(40 * 50, 0));
  OneNode::fill(node.node().src[1], random_numbers(64 * 50, 1));
  EXPECT_EQ(node.compute(&exact), first);
}

TEST(NodeKernels, LeaveWhatIsNotWorthItToGgml) {
  GraphKernels exact = kernels(false);
  const Matrix matrix({GGML_TYPE_F32, 64, 40, NodeKernels::rows_min - 1});
  OneNode few = matrix.node();
  few.compute(&exact);
  EXPECT_EQ(few.node().op, GGML_OP_MUL_MAT) << "few rows";
  OneNode no_weight(
      [](OneNode& graph) {
        return ggml_mul_mat(graph.context(), graph.input(GGML_TYPE_F32, {64, 40}, random_numbers(64 * 40, 1)),
                            graph.input(GGML_TYPE_F32, {64, 50}, random_numbers(64 * 50, 2)));
      },
      2);
  no_weight.compute(&exact);
  EXPECT_EQ(no_weight.node().op, GGML_OP_MUL_MAT) << "both factors are computed";
}

TEST(NodeKernels, AFailureOnAnotherThreadIsTold) {
  const Matrix matrix({GGML_TYPE_F32, 64, 40, 50});
  GraphKernels for_one_thread = kernels(false, 1);
  matrix.node(3).compute(&for_one_thread);
  EXPECT_NE(for_one_thread.take_failure(), std::nullopt) << "two threads had no memory to compute in";
  EXPECT_EQ(for_one_thread.take_failure(), std::nullopt) << "it is told once";
  EXPECT_LT(error_of(matrix.node(1).compute(&for_one_thread), matrix.reference()), 1e-6);
}

struct AttentionCase {
  std::int64_t width, queries, keys, heads;
  std::int64_t key_heads;
  std::int64_t window = 0;  // keys that a query sees, with its own as the last; 0 = no mask
};

class Attention {
 public:
  explicit Attention(AttentionCase shape)
      : shape_(shape),
        queries_(numbers(shape.queries, shape.heads, 1)),
        keys_(numbers(shape.keys, shape.key_heads, 2)),
        values_(numbers(shape.keys, shape.key_heads, 3)) {}

  // As the libraries build it: [width, heads, tokens] from the projections, permuted.
  OneNode node(ggml_type keys_type, int threads = 2) const {
    return OneNode(
        [&](OneNode& graph) {
          const auto permuted = [&](ggml_type type, std::int64_t heads, std::int64_t tokens, auto& numbers) {
            return ggml_permute(graph.context(), graph.input(type, {shape_.width, heads, tokens}, numbers), 0, 2, 1, 3);
          };
          ggml_tensor* queries = permuted(GGML_TYPE_F32, shape_.heads, shape_.queries, queries_);
          ggml_tensor* keys = permuted(keys_type, shape_.key_heads, shape_.keys, keys_);
          ggml_tensor* values = permuted(keys_type, shape_.key_heads, shape_.keys, values_);
          ggml_tensor* mask =
              shape_.window == 0 ? nullptr : graph.input(GGML_TYPE_F16, {shape_.keys, shape_.queries}, mask_numbers());
          return ggml_flash_attn_ext(graph.context(), queries, keys, values, mask, scale(), 0, 0);
        },
        threads);
  }
  std::vector<double> reference() const {
    std::vector<double> out(static_cast<std::size_t>(shape_.queries * shape_.heads * shape_.width));
    for (std::int64_t head = 0; head < shape_.heads; ++head) {
      for (std::int64_t query = 0; query < shape_.queries; ++query) add_row(head, query, out);
    }
    return out;
  }

 private:
  std::vector<float> numbers(std::int64_t tokens, std::int64_t heads, unsigned seed) const {
    return random_numbers(static_cast<std::size_t>(shape_.width * heads * tokens), seed);
  }
  float scale() const { return 3 / std::sqrt(static_cast<float>(shape_.width)); }
  // The last query is that of the last key.
  bool sees(std::int64_t query, std::int64_t key) const {
    const std::int64_t own = shape_.keys - shape_.queries + query;
    return shape_.window == 0 || (key <= own && key > own - shape_.window);
  }
  std::vector<float> mask_numbers() const {
    std::vector<float> mask;
    for (std::int64_t query = 0; query < shape_.queries; ++query) {
      for (std::int64_t key = 0; key < shape_.keys; ++key) mask.push_back(sees(query, key) ? 0.0F : -INFINITY);
    }
    return mask;
  }
  void add_row(std::int64_t head, std::int64_t query, std::vector<double>& out) const {
    const std::int64_t key_head = head * shape_.key_heads / shape_.heads;
    const auto row = [&](std::int64_t token, std::int64_t heads, std::int64_t of) {
      return static_cast<std::size_t>((token * heads + of) * shape_.width);
    };
    std::vector<double> weights;
    double sum = 0;
    for (std::int64_t key = 0; key < shape_.keys; ++key) {
      double score = 0;
      for (std::int64_t i = 0; i < shape_.width; ++i)
        score += double{queries_[row(query, shape_.heads, head) + i]} * keys_[row(key, shape_.key_heads, key_head) + i];
      weights.push_back(sees(query, key) ? std::exp(score * double{scale()}) : 0);
      sum += weights.back();
    }
    if (sum == 0) return;  // it sees no key
    for (std::int64_t key = 0; key < shape_.keys; ++key) {
      for (std::int64_t i = 0; i < shape_.width; ++i)
        out[row(query, shape_.heads, head) + i] +=
            weights[key] / sum * values_[row(key, shape_.key_heads, key_head) + i];
    }
  }

  AttentionCase shape_;
  std::vector<float> queries_, keys_, values_;
};

TEST(NodeKernels, ComputeAttention) {
  for (const AttentionCase& shape :
       {AttentionCase{32, 64, 64, 2, 2}, AttentionCase{64, 300, 300, 3, 3}, AttentionCase{72, 50, 77, 1, 1},
        AttentionCase{40, 1100, 1100, 1, 1}, AttentionCase{64, 64, 256, 9, 3, 256},
        AttentionCase{32, 100, 700, 4, 2, 700}, AttentionCase{64, 300, 1024, 2, 1, 60}}) {
    const Attention attention(shape);
    GraphKernels exact = kernels(false);
    OneNode node = attention.node(GGML_TYPE_F32);
    EXPECT_LT(error_of(node.compute(&exact), attention.reference()), 1e-5) << shape.queries << " " << shape.window;
    EXPECT_EQ(node.node().op, GGML_OP_CUSTOM);
    EXPECT_LT(error_of(attention.node(GGML_TYPE_F16).compute(&exact), attention.reference()), 1e-3);
  }
}

// Where there are more queries than keys, the first see none. Some blocks of the second case see none at all.
TEST(NodeKernels, AQueryThatSeesNoKeyGivesZeros) {
  for (const AttentionCase& shape : {AttentionCase{32, 64, 40, 2, 2, 40}, AttentionCase{32, 700, 600, 1, 1, 600}}) {
    const Attention attention(shape);
    const std::vector<double> reference = attention.reference();
    GraphKernels exact = kernels(false), rounded = kernels(multiplies_bfloat16());
    OneNode node = attention.node(GGML_TYPE_F32);
    const std::vector<float> numbers = node.compute(&exact);
    EXPECT_EQ(node.node().op, GGML_OP_CUSTOM);
    EXPECT_LT(error_of(numbers, reference), 1e-5);
    const auto blind = static_cast<std::ptrdiff_t>((shape.queries - shape.keys) * shape.heads * shape.width);
    EXPECT_EQ(std::ranges::count(numbers.begin(), numbers.begin() + blind, 0.0F), blind);
    EXPECT_LT(error_of(attention.node(GGML_TYPE_F16).compute(&rounded), reference), 1e-2);
    EXPECT_LT(error_of(attention.node(GGML_TYPE_F16).compute(nullptr), reference), 1e-2) << "ggml's own";
  }
}

TEST(NodeKernels, TheBitsOfAttentionDoNotDependOnTheThreads) {
  for (const AttentionCase& shape : {AttentionCase{64, 200, 200, 3, 3}, AttentionCase{64, 200, 512, 4, 2, 512}}) {
    const Attention attention(shape);
    GraphKernels alone = kernels(false, 1), shared = kernels(false, 4);
    EXPECT_EQ(attention.node(GGML_TYPE_F16, 4).compute(&shared), attention.node(GGML_TYPE_F16, 1).compute(&alone));
  }
}

}  // namespace
}  // namespace fovea::llama
