// Numbers keep the bytes of the file and are converted when they are asked for. open() refuses what is no
// regular file; GgufParser does the rest.
#include "engine/llama/gguf/gguf_file.h"

#include <ggml.h>

#include <array>
#include <cstring>
#include <format>
#include <functional>
#include <numeric>

#include "engine/llama/gguf/gguf_parser.h"

namespace fovea::llama {

namespace {

template <typename T>
T number_at(std::span<const std::byte> numbers, std::size_t index) {
  T number;
  std::memcpy(&number, numbers.data() + index * sizeof number, sizeof number);
  return number;
}

// Element `index` as an integer; nullopt for floats, booleans and integers that int64 cannot hold.
std::optional<std::int64_t> integer_at(GgufType type, std::span<const std::byte> numbers, std::size_t index) {
  switch (type) {
    case GgufType::u8:
      return number_at<std::uint8_t>(numbers, index);
    case GgufType::i8:
      return number_at<std::int8_t>(numbers, index);
    case GgufType::u16:
      return number_at<std::uint16_t>(numbers, index);
    case GgufType::i16:
      return number_at<std::int16_t>(numbers, index);
    case GgufType::u32:
      return number_at<std::uint32_t>(numbers, index);
    case GgufType::i32:
      return number_at<std::int32_t>(numbers, index);
    case GgufType::i64:
      return number_at<std::int64_t>(numbers, index);
    case GgufType::u64: {
      const auto number = number_at<std::uint64_t>(numbers, index);
      return number <= INT64_MAX ? std::optional(static_cast<std::int64_t>(number)) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string_view to_string(GgufType type) {
  constexpr std::array<std::string_view, 13> names{"u8",   "i8",   "u16",   "i16", "u32", "i32", "f32",
                                                   "bool", "text", "array", "u64", "i64", "f64"};
  const auto index = static_cast<std::size_t>(type);
  return index < names.size() ? names[index] : "unknown";
}

std::uint64_t GgufTensor::elements() const {
  return static_cast<std::uint64_t>(std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
}

std::string_view GgufTensor::type_name() const { return ggml_type_name(static_cast<ggml_type>(type)); }

bool GgufTensor::is_float32() const { return type == GGML_TYPE_F32; }

bool GgufTensor::is_quantised() const { return ggml_is_quantized(static_cast<ggml_type>(type)); }

bool GgufTensor::is_matrix_type() const {
  // Activations are converted to these two formats; no product takes them as weights.
  if (type == GGML_TYPE_Q8_1 || type == GGML_TYPE_Q8_K) return false;
  return type == GGML_TYPE_F32 || type == GGML_TYPE_F16 || type == GGML_TYPE_BF16 ||
         ggml_is_quantized(static_cast<ggml_type>(type));
}

std::string GgufTensor::shape_text() const {
  if (shape.empty()) return "1";
  std::string text;
  for (std::int64_t extent : shape) text += std::format("{}{}", text.empty() ? "" : " x ", extent);
  return text;
}

Result<GgufFile> GgufFile::open(const std::filesystem::path& path) {
  GgufFile unopened;
  unopened.path_ = path;
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return unopened.refuse(Fault::not_found, "does not exist: check the name of the model file");
  }
  if (error) return unopened.refuse(Fault::unavailable, std::format("cannot be examined: {}", error.message()));
  if (std::filesystem::is_directory(status))
    return unopened.refuse(Fault::invalid, "is a folder: name the model file in it");
  if (!std::filesystem::is_regular_file(status))
    return unopened.refuse(Fault::invalid, "is not a file: name a model file in GGUF format");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return unopened.refuse(Fault::unavailable, std::format("cannot be examined: {}", error.message()));
  return GgufParser::parse(path, size);
}

std::unexpected<Error> GgufFile::refuse(Fault fault, std::string_view what) const {
  return fail(fault, std::format("'{}' {}", path_.string(), what));
}

const GgufFile::Value* GgufFile::find(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

const GgufFile::Value* GgufFile::find_scalar(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && !value->is_array ? value : nullptr;
}

std::optional<std::string_view> GgufFile::text(std::string_view key) const {
  const Value* value = find_scalar(key);
  if (value == nullptr || value->type != GgufType::text) return std::nullopt;
  return value->texts.front();
}

std::optional<std::int64_t> GgufFile::integer(std::string_view key) const {
  const Value* value = find_scalar(key);
  return value == nullptr ? std::nullopt : integer_at(value->type, value->numbers, 0);
}

std::optional<double> GgufFile::number(std::string_view key) const {
  const Value* value = find_scalar(key);
  if (value == nullptr) return std::nullopt;
  if (value->type == GgufType::f32) return number_at<float>(value->numbers, 0);
  if (value->type == GgufType::f64) return number_at<double>(value->numbers, 0);
  return std::nullopt;
}

std::optional<bool> GgufFile::truth(std::string_view key) const {
  const Value* value = find_scalar(key);
  if (value == nullptr || value->type != GgufType::boolean) return std::nullopt;
  return number_at<std::uint8_t>(value->numbers, 0) != 0;
}

std::span<const std::string> GgufFile::texts(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr || !value->is_array) return {};
  return value->texts;
}

std::vector<std::int64_t> GgufFile::integers(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr || !value->is_array) return {};
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < value->count; ++i) {
    const std::optional<std::int64_t> number = integer_at(value->type, value->numbers, i);
    if (!number) return {};
    all.push_back(*number);
  }
  return all;
}

std::vector<float> GgufFile::floats(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr || !value->is_array || value->type != GgufType::f32) return {};
  std::vector<float> all;
  for (std::size_t i = 0; i < value->count; ++i) all.push_back(number_at<float>(value->numbers, i));
  return all;
}

std::optional<GgufType> GgufFile::type(std::string_view key) const {
  const Value* value = find(key);
  return value == nullptr ? std::nullopt : std::optional(value->type);
}

bool GgufFile::is_array(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && value->is_array;
}

std::size_t GgufFile::array_size(std::string_view key) const { return is_array(key) ? find(key)->count : 0; }

const GgufTensor* GgufFile::find_tensor(std::string_view name) const {
  const auto found = tensor_index_.find(name);
  return found == tensor_index_.end() ? nullptr : &tensors_[found->second];
}

}  // namespace fovea::llama
