#include "engine/llama/gguf/file_rules.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <limits>

#include "engine/llama/gguf/gguf_writer.h"
#include "engine/mutilation.h"

namespace fovea::llama {
namespace {

GgufFile sample() {
  const test::ScratchFolder folder;
  GgufWriter writer;
  writer.set("one", 5u);
  writer.set("each", std::span<const std::int32_t>(std::vector<std::int32_t>{2, 9}));
  writer.set("text", std::string("five"));
  writer.set("fraction", 0.25F);
  writer.set("nothing", std::numeric_limits<float>::quiet_NaN());
  writer.add_tensor("matrix", std::vector<std::int64_t>{4, 3}, GGML_TYPE_F16);
  writer.add_tensor("norm", std::vector<std::int64_t>{4}, GGML_TYPE_F32);
  writer.add_tensor("half_norm", std::vector<std::int64_t>{4}, GGML_TYPE_F16);
  writer.add_tensor("counts", std::vector<std::int64_t>{4, 3}, GGML_TYPE_I32);
  const auto path = folder.path() / "sample.gguf";
  writer.write(path, [](const TensorPiece&, std::span<std::byte>) -> Result<void> { return {}; }).value();
  return GgufFile::open(path).value();
}

std::string said(const Result<void>& checked) { return checked ? "" : checked.error().message; }
std::string count(const CountRule& rule) { return said(check_counts(sample(), std::span(&rule, 1))); }
std::string tensor(const TensorRule& rule) { return said(check_tensors(sample(), std::span(&rule, 1))); }

TEST(FileRules, CountsLieWithinTheirBounds) {
  EXPECT_EQ(count({"one", 1, 5}), "");
  EXPECT_TRUE(count({"one", 6, 9}).contains("'one' is 5, which is not between 6 and 9"));
  EXPECT_EQ(count({"each", 2, 9}), "");
  EXPECT_TRUE(count({"each", 2, 8}).contains("'each' is 9"));
  EXPECT_TRUE(count({"text", 0, 9}).contains("not a whole number"));
}

TEST(FileRules, OnlyWhatIsOptionalMayBeAbsent) {
  EXPECT_TRUE(count({"other", 0, 9}).contains("does not state 'other'"));
  EXPECT_EQ(count({"other", 0, 9, Need::optional}), "");
  EXPECT_TRUE(tensor({"other", {4}}).contains("lacks the tensor 'other'"));
  EXPECT_EQ(tensor({"other", {4}, Need::optional}), "");
}

TEST(FileRules, TensorsHaveTheirShape) {
  EXPECT_EQ(tensor({"matrix", {4, 3}}), "");
  EXPECT_EQ(tensor({"matrix", {4, 3, 1}}), "");
  EXPECT_EQ(tensor({"matrix", {0, 3}}), "");
  EXPECT_TRUE(tensor({"matrix", {3, 4}}).contains("has the shape 4 x 3"));
  EXPECT_TRUE(tensor({"matrix", {0, 4}}).contains("demand any x 4"));
}

TEST(FileRules, TensorsHaveATypeThatCanBeComputedWith) {
  EXPECT_EQ(tensor({"norm", {4}}), "");
  EXPECT_TRUE(tensor({"half_norm", {4}}).contains("is of type f16"));
  EXPECT_TRUE(tensor({"counts", {4, 3}}).contains("is of type i32"));
}

TEST(FileRules, TheFirstBrokenRuleIsReported) {
  const CountRule rules[] = {{"one", 1, 5}, {"one", 6, 6}, {"one", 7, 7}};
  EXPECT_TRUE(said(check_counts(sample(), rules)).contains("between 6 and 6"));
}

TEST(FileRules, ANumberIsFiniteAndWithinItsBounds) {
  EXPECT_TRUE(check_number(sample(), "fraction", 0, 1));
  EXPECT_TRUE(check_number(sample(), "other", 0, 1));
  EXPECT_FALSE(check_number(sample(), "fraction", 0.5, 1));
  EXPECT_FALSE(check_number(sample(), "nothing", 0, 1));
  EXPECT_FALSE(check_number(sample(), "one", 0, 9)) << "a whole number is of another type";
}

}  // namespace
}  // namespace fovea::llama
