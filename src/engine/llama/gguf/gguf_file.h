// GgufFile: the head of a GGUF model file (metadata and tensor list), parsed as hostile bytes.
//
// The libraries trust what they load: a wrong type or an absurd count in a file ends the process. So the head
// is parsed here first, by a parser of our own. It allocates nothing that the file is too short for, and
// stops at the first contradiction. It knows no model; validate.h knows what a model must contain. Weights
// are not read, only checked to lie inside the file. Immutable once open; thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fovea/result.h"

namespace fovea::llama {

// The type of a metadata value, with the numbers of the file format.
enum class GgufType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, array, u64, i64, f64 };

// The type as people write it: "u32", "text", "array".
std::string_view to_string(GgufType type);

struct GgufTensor {
  std::string name;
  std::int32_t type;                // ggml's number
  std::vector<std::int64_t> shape;  // as the libraries count: the row length first
  std::uint64_t offset;             // from the start of the file
  std::uint64_t bytes;

  std::int64_t extent(std::size_t dimension) const { return dimension < shape.size() ? shape[dimension] : 1; }
  std::uint64_t elements() const;
  std::string_view type_name() const;  // "f16", "q8_0"
  bool is_float32() const;
  bool is_quantised() const;
  // True for the types that a matrix product takes as weights: floats of 32 or 16 bits and the quantised
  // ones.
  bool is_matrix_type() const;
  std::string shape_text() const;  // "576 x 1536"
};

class GgufFile {
 public:
  // The head of the file at `path`.
  // Faults: not_found, unavailable (unreadable), invalid (no GGUF file), unsupported (version), corrupt
  // (damaged or truncated, with the numbers). Messages begin with the quoted path.
  static Result<GgufFile> open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }

  // The typed value of a key; nullopt when it is absent or of another type. Integers of all widths count as
  // integer.
  std::optional<std::string_view> text(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<bool> truth(std::string_view key) const;
  // The elements of an array of texts, integers or 32-bit floats; empty when the key is absent or of another
  // type.
  std::span<const std::string> texts(std::string_view key) const;
  std::vector<std::int64_t> integers(std::string_view key) const;
  std::vector<float> floats(std::string_view key) const;

  bool has(std::string_view key) const { return find(key) != nullptr; }
  // The type of a key's value, or of its elements if it is an array; nullopt when absent.
  std::optional<GgufType> type(std::string_view key) const;
  bool is_array(std::string_view key) const;
  std::size_t array_size(std::string_view key) const;

  std::span<const GgufTensor> tensors() const { return tensors_; }
  const GgufTensor* find_tensor(std::string_view name) const;

  // An Error about this file: its quoted path and then `what`.
  std::unexpected<Error> refuse(Fault fault, std::string_view what) const;

 private:
  friend class GgufParser;
  struct Value {
    GgufType type;  // of the elements, if is_array
    bool is_array = false;
    std::uint64_t count = 1;
    std::vector<std::byte> numbers;  // as they lie in the file
    std::vector<std::string> texts;
  };
  const Value* find(std::string_view key) const;
  const Value* find_scalar(std::string_view key) const;

  std::filesystem::path path_;
  std::uint64_t size_ = 0;
  std::map<std::string, Value, std::less<>> values_;
  std::vector<GgufTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> tensor_index_;
};

}  // namespace fovea::llama
