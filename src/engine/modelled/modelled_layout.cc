// A text is refused by its length in bytes where no tokens of it could fit, so that a body of megabytes costs
// nothing. Tokens are counted for callers that want their number, up to a length.
#include "engine/modelled/modelled_layout.h"

#include <algorithm>
#include <format>
#include <limits>
#include <string>

#include "engine/modelled/modelled_tokens.h"

namespace fovea {

namespace {

// Above these, a text that cannot fit whatever its tokens are is never tokenized: it would take some 20 times
// its bytes of memory.
constexpr std::uint64_t counted_bytes_max = 256 << 10;

std::unexpected<Error> too_long(std::uint64_t tokens, std::uint32_t context, bool at_least) {
  const auto shown =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(tokens, std::numeric_limits<std::uint32_t>::max()));
  return std::unexpected(
      Error{.fault = Fault::invalid,
            .message = std::format("the prompt has {}{} tokens, but the profile's model has a context of {}, with at "
                                   "least one for the answer: send less, or serve another profile",
                                   shown, at_least ? " or more" : "", context),
            .overflow = ContextOverflow{.prompt_tokens = shown, .context_tokens = context, .at_least = at_least}});
}

std::uint64_t text_bytes(const Prompt& prompt) {
  std::uint64_t bytes = 0;
  for (const PromptPart& part : prompt.parts) {
    if (const auto* words = std::get_if<std::string>(&part)) bytes += words->size();
    if (const auto* plain = std::get_if<PlainText>(&part)) bytes += plain->text.size();
  }
  return bytes;
}

}  // namespace

void ModelledLayout::append_text(std::string_view text, bool control_tokens) {
  for (const std::int32_t token : modelled_tokens(text, control_tokens)) append({.token = token, .tile = {}}, 1);
}

void ModelledLayout::append_picture(std::size_t image, const ModelledTimes& times) {
  for (std::uint32_t number = 0; number < times.tiles; ++number)
    append({.tile = TileRef{static_cast<std::uint32_t>(image), number}}, times.tile_tokens);
}

Result<std::unique_ptr<ModelledLayout>> ModelledLayout::make(const ModelledTimes& times, const Prompt& prompt,
                                                             std::span<const ImageSize> images, Overlong overlong) {
  const std::uint64_t bytes = text_bytes(prompt), least = bytes / modelled_token_bytes_max;
  if (least >= times.context_tokens && (overlong == Overlong::refused || bytes > counted_bytes_max))
    return too_long(least, times.context_tokens, true);
  const auto pictures = std::ranges::count_if(
      prompt.parts, [](const PromptPart& part) { return std::holds_alternative<ImageSlot>(part); });
  const std::uint64_t picture_tokens =
      std::uint64_t{times.tiles} * times.tile_tokens * static_cast<std::size_t>(pictures);
  if (picture_tokens >= times.context_tokens) return too_long(picture_tokens + least, times.context_tokens, true);
  std::unique_ptr<ModelledLayout> layout(new ModelledLayout);
  for (const PromptPart& part : prompt.parts) {
    if (const auto* words = std::get_if<std::string>(&part)) layout->append_text(*words, true);
    if (const auto* plain = std::get_if<PlainText>(&part)) layout->append_text(plain->text, false);
    const auto* slot = std::get_if<ImageSlot>(&part);
    if (!slot) continue;
    if (slot->index >= images.size())
      return fail(Fault::invalid, std::format("the prompt names picture {} of {}", slot->index + 1, images.size()));
    layout->append_picture(slot->index, times);
  }
  if (layout->items().empty()) return fail(Fault::invalid, "the prompt is empty: there is nothing to answer to");
  if (layout->items().back().tile)
    return fail(Fault::invalid, "the prompt ends with a picture: there is nothing to answer to");
  if (layout->tokens() >= times.context_tokens) return too_long(layout->tokens(), times.context_tokens, false);
  return layout;
}

}  // namespace fovea
