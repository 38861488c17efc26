// GgufWriter: writes a GGUF file of any size tensor by tensor, in pieces, so that memory stays small.
//
// Set the metadata and add the tensors, then write(): it asks for the weights piece by piece in file order.
// The file appears under its name only when it is complete; a failed or cancelled write leaves nothing. Not
// thread-safe. Owns the ggml description.
#pragma once

#include <ggml.h>
#include <gguf.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/owned.h"
#include "fovea/result.h"

namespace fovea::llama {

// Some consecutive rows of one tensor of the file.
struct TensorPiece {
  std::size_t tensor;
  std::string_view name;
  std::int32_t type;
  std::int64_t row_length;
  std::int64_t first_row;
  std::int64_t rows;
};

// Fills `bytes` with the piece's rows in the tensor's type. A fault ends the write.
using PieceSource = std::function<Result<void>(const TensorPiece& piece, std::span<std::byte> bytes)>;

class GgufWriter {
 public:
  GgufWriter();

  void set(const char* key, std::uint32_t number) { gguf_set_val_u32(head_.get(), key, number); }
  void set(const char* key, std::int32_t number) { gguf_set_val_i32(head_.get(), key, number); }
  void set(const char* key, float number) { gguf_set_val_f32(head_.get(), key, number); }
  void set(const char* key, bool truth) { gguf_set_val_bool(head_.get(), key, truth); }
  void set(const char* key, const std::string& text) { gguf_set_val_str(head_.get(), key, text.c_str()); }
  void set(const char* key, std::span<const std::string> texts);
  void set(const char* key, std::span<const float> numbers);
  void set(const char* key, std::span<const std::int32_t> numbers);

  // Adds a tensor; the row length comes first in `shape`.
  // REQUIRES: the type's block size divides the row length.
  void add_tensor(const std::string& name, std::span<const std::int64_t> shape, std::int32_t type);

  struct Tensor {
    std::string name;
    std::vector<std::int64_t> shape;
    std::int32_t type;
    std::uint64_t bytes;
  };
  const std::vector<Tensor>& tensors() const { return tensors_; }
  // Bytes of the complete file.
  std::uint64_t file_bytes() const;

  // Writes the file. Faults: unavailable (disk full or failing), and those of `source`.
  Result<void> write(const std::filesystem::path& path, const PieceSource& source) const;

 private:
  Result<void> write_to(std::FILE* file, const std::filesystem::path& path, const PieceSource& source) const;

  Owned<gguf_context, gguf_free> head_;
  Owned<ggml_context, ggml_free> descriptions_;
  std::vector<Tensor> tensors_;
};

}  // namespace fovea::llama
