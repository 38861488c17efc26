// Every refusal names the key or tensor, what the file says and what would be right, so that a person can
// tell a damaged download from a wrong conversion.
#include "engine/llama/gguf/file_rules.h"

#include <algorithm>
#include <format>

namespace fovea::llama {

namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (std::int64_t extent : shape) {
    text += text.empty() ? "" : " x ";
    text += extent == 0 ? "any" : std::to_string(extent);
  }
  return text;
}

// Trailing extents of 1 do not change a shape.
bool has_shape(const GgufTensor& tensor, const std::vector<std::int64_t>& shape) {
  for (std::size_t i = 0; i < std::max(shape.size(), tensor.shape.size()); ++i) {
    const std::int64_t wanted = i < shape.size() ? shape[i] : 1;
    if (wanted != 0 && tensor.extent(i) != wanted) return false;
  }
  return true;
}

Result<void> check_count(const GgufFile& file, const CountRule& rule) {
  if (!file.has(rule.key)) {
    if (rule.need == Need::optional) return {};
    return file.refuse(Fault::corrupt,
                       std::format("does not state '{}'; get the file again or convert the model anew", rule.key));
  }
  std::vector<std::int64_t> numbers = file.integers(rule.key);
  if (const std::optional<std::int64_t> one = file.integer(rule.key)) numbers.push_back(*one);
  if (numbers.empty())
    return file.refuse(Fault::corrupt,
                       std::format("is damaged: '{}' is not a whole number; get the file again", rule.key));
  const auto wrong =
      std::ranges::find_if(numbers, [&](std::int64_t number) { return number < rule.min || number > rule.max; });
  if (wrong == numbers.end()) return {};
  return file.refuse(Fault::corrupt,
                     std::format("is damaged: '{}' is {}, which is not between {} and {}; get the file again", rule.key,
                                 *wrong, rule.min, rule.max));
}

Result<void> check_tensor(const GgufFile& file, const TensorRule& rule) {
  const GgufTensor* tensor = file.find_tensor(rule.name);
  if (tensor == nullptr) {
    if (rule.need == Need::optional) return {};
    return file.refuse(Fault::corrupt,
                       std::format("lacks the tensor '{}'; get the file again or convert the model anew", rule.name));
  }
  if (!has_shape(*tensor, rule.shape)) {
    return file.refuse(
        Fault::corrupt,
        std::format("is damaged: tensor '{}' has the shape {}, and its metadata and other tensors demand {}; "
                    "get the file again",
                    rule.name, tensor->shape_text(), shape_text(rule.shape)));
  }
  const bool type_fits = rule.shape.size() == 1 ? tensor->is_float32() : tensor->is_matrix_type();
  if (type_fits) return {};
  return file.refuse(
      Fault::corrupt,
      std::format("is damaged: tensor '{}' is of type {}, which cannot be computed with there; get the file again",
                  rule.name, tensor->type_name()));
}

}  // namespace

Result<void> check_counts(const GgufFile& file, std::span<const CountRule> rules) {
  for (const CountRule& rule : rules) {
    if (Result<void> passed = check_count(file, rule); !passed) return passed;
  }
  return {};
}

Result<void> check_tensors(const GgufFile& file, std::span<const TensorRule> rules) {
  for (const TensorRule& rule : rules) {
    if (Result<void> passed = check_tensor(file, rule); !passed) return passed;
  }
  return {};
}

Result<void> check_number(const GgufFile& file, std::string_view key, double min, double max) {
  if (!file.has(key)) return {};
  const std::optional<double> number = file.number(key);
  if (!number)
    return file.refuse(Fault::corrupt, std::format("is damaged: '{}' is not a number; get the file again", key));
  if (*number >= min && *number <= max) return {};  // false for NaN
  return file.refuse(Fault::corrupt,
                     std::format("is damaged: '{}' is {}, which is not between {} and {}; get the file again", key,
                                 *number, min, max));
}

}  // namespace fovea::llama
