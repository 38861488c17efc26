#include "engine/llama/gguf/layer_list.h"

#include <charconv>
#include <format>
#include <optional>
#include <ranges>

namespace fovea::llama {

namespace {

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<std::vector<bool>> parse_layers(std::string_view text, std::uint32_t layers) {
  if (text == "all") return std::vector<bool>(layers, true);
  if (text.empty()) return fail(Fault::invalid, "an empty list names no layer: write all, or 0-3,8");
  std::vector<bool> named(layers);
  for (const auto part : std::views::split(text, ',')) {
    const std::string_view range(part.begin(), part.end());
    const auto dash = range.find('-');
    const auto first = number_of(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number_of(range.substr(dash + 1));
    if (!first || !last || *last < *first)
      return fail(Fault::invalid, std::format("'{}' is no list of layers: write all, or 0-3,8", text));
    if (*last >= layers)
      return fail(Fault::invalid,
                  std::format("there is no layer {}: the model's layers are 0 to {}", *last, layers - 1));
    for (std::uint32_t layer = *first; layer <= *last; ++layer) named[layer] = true;
  }
  return named;
}

}  // namespace fovea::llama
