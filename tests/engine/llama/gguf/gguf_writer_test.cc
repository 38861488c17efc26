#include "engine/llama/gguf/gguf_writer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "engine/llama/gguf/gguf_file.h"
#include "engine/mutilation.h"

namespace fovea::llama {
namespace {

namespace fs = std::filesystem;

class GgufWriterTest : public testing::Test {
 protected:
  GgufWriterTest() {
    writer.set("kind", std::string("sample"));
    writer.set("layers", 7u);
    writer.set("names", std::span<const std::string>(std::vector<std::string>{"a", "", "c"}));
    writer.add_tensor("rows", std::vector<std::int64_t>{3, 5}, GGML_TYPE_F32);
    writer.add_tensor("row", std::vector<std::int64_t>{2}, GGML_TYPE_F32);
  }

  // Every number is its row.
  static Result<void> numbers(const TensorPiece& piece, std::span<std::byte> bytes) {
    for (std::int64_t row = 0; row < piece.rows; ++row) {
      const std::vector<float> values(static_cast<std::size_t>(piece.row_length),
                                      static_cast<float>(piece.first_row + row));
      std::memcpy(bytes.data() + static_cast<std::size_t>(row) * values.size() * sizeof(float), values.data(),
                  values.size() * sizeof(float));
    }
    return {};
  }

  GgufWriter writer;
  test::ScratchFolder folder;
  fs::path path = folder.path() / "model.gguf";
};

TEST_F(GgufWriterTest, WhatIsWrittenIsReadBack) {
  ASSERT_TRUE(writer.write(path, numbers));
  const auto file = GgufFile::open(path);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->text("kind"), "sample");
  EXPECT_EQ(file->integer("layers"), 7);
  EXPECT_EQ(file->texts("names").size(), 3u);
  EXPECT_EQ(file->size(), writer.file_bytes());
  std::ifstream in(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  std::vector<float> rows(15);
  std::memcpy(rows.data(), bytes.data() + file->find_tensor("rows")->offset, 15 * sizeof(float));
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], static_cast<float>(i / 3));
  EXPECT_EQ(file->find_tensor("row")->bytes, 2 * sizeof(float));
}

TEST_F(GgufWriterTest, AFailedSourceLeavesNoFile) {
  const auto failing = [](const TensorPiece& piece, std::span<std::byte>) -> Result<void> {
    if (piece.name == "row") return fail(Fault::cancelled, "stopped");
    return {};
  };
  const auto written = writer.write(path, failing);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().fault, Fault::cancelled);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST_F(GgufWriterTest, AnOlderFileStaysUntilTheNewOneIsComplete) {
  std::ofstream(path) << "older";
  EXPECT_FALSE(writer.write(path, [&](const TensorPiece&, std::span<std::byte>) -> Result<void> {
    EXPECT_EQ(fs::file_size(path), 5u);
    return fail(Fault::cancelled, "stopped");
  }));
  EXPECT_EQ(fs::file_size(path), 5u);
  ASSERT_TRUE(writer.write(path, numbers));
  EXPECT_TRUE(GgufFile::open(path));
}

TEST_F(GgufWriterTest, AFolderThatIsNotThereIsUnavailable) {
  EXPECT_EQ(writer.write(folder.path() / "none" / "model.gguf", numbers).error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace fovea::llama
