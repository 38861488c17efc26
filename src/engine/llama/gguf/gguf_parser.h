// GgufParser: reads the head of one GGUF file into a GgufFile, and refuses every count that the file's size
// rules out.
//
// Used by GgufFile::open only. One parser reads one file, once. Not thread-safe.
#pragma once

#include <filesystem>
#include <fstream>

#include "engine/llama/gguf/gguf_file.h"

namespace fovea::llama {

class GgufParser {
 public:
  // Reads the file at `path`, which has `size` bytes. Faults: as GgufFile::open.
  static Result<GgufFile> parse(const std::filesystem::path& path, std::uint64_t size);

 private:
  GgufParser(const std::filesystem::path& path, std::uint64_t size);

  Result<void> read_all();
  Result<void> read_header();
  Result<void> read_pairs();
  Result<void> read_value(const std::string& key, GgufFile::Value& value);
  Result<void> read_texts(const std::string& key, GgufFile::Value& value);
  Result<void> read_numbers(const std::string& key, GgufFile::Value& value);
  Result<void> read_tensors();
  Result<void> read_tensor(GgufTensor& tensor);
  Result<void> measure(GgufTensor& tensor) const;
  Result<void> place_tensors();

  Result<void> read_text(std::string& text, std::uint64_t bytes_max, std::string_view what);
  Result<void> read_bytes(void* target, std::uint64_t bytes);
  template <typename T>
  Result<void> read(T& number) {
    return read_bytes(&number, sizeof number);
  }
  std::uint64_t left() const { return file_.size_ - position_; }
  std::unexpected<Error> damaged(std::string_view what) const;

  GgufFile file_;
  std::ifstream in_;
  std::uint64_t position_ = 0;
  std::uint64_t tensors_claimed_ = 0;
  std::uint64_t pairs_claimed_ = 0;
};

}  // namespace fovea::llama
