#include "pipeline/image_order.h"

#include <algorithm>
#include <array>
#include <format>
#include <string>
#include <variant>

namespace fovea {

namespace {

constexpr std::array every_order{ImageOrder::as_sent, ImageOrder::first};

bool is_picture(const PromptPart& part) { return std::holds_alternative<ImageSlot>(part); }

// Text that says something. White space is ASCII's: a rarer one counts as text, and the message stays as it
// was sent.
bool is_words(const PromptPart& part) {
  const auto* text = std::get_if<std::string>(&part);
  return text != nullptr && text->find_first_not_of(" \t\n\r\f\v") != std::string::npos;
}

}  // namespace

std::string_view to_string(ImageOrder order) {
  switch (order) {
    case ImageOrder::as_sent:
      return "as-sent";
    case ImageOrder::first:
      return "first";
  }
  return "unknown";
}

Result<ImageOrder> image_order_of(std::string_view name) {
  const auto* found = std::ranges::find(every_order, name, [](ImageOrder order) { return to_string(order); });
  if (found != every_order.end()) return *found;
  return fail(Fault::invalid, std::format("There is no image order \"{}\". Choose one of: {}, {}.", name,
                                          to_string(ImageOrder::as_sent), to_string(ImageOrder::first)));
}

Message in_order(const Message& message, ImageOrder order) {
  Message ordered = message;
  if (order == ImageOrder::as_sent || message.role == "tool") return ordered;
  std::vector<PromptPart>& parts = ordered.parts;
  const auto pictures = std::ranges::find_if(parts, is_picture);
  const bool words_before = std::any_of(parts.begin(), pictures, is_words);
  const bool words_behind = std::any_of(pictures, parts.end(), is_words);
  if (words_before && !words_behind) std::rotate(parts.begin(), pictures, parts.end());
  return ordered;
}

}  // namespace fovea
