// A mark is the rendering's secret and a number of fixed length, all digits: no filter that templates use
// (trim, tojson, upper) changes digits.
#include "engine/llama/template/prompt_marks.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <format>
#include <utility>

#include "base/check.h"

namespace fovea::llama {

namespace {

constexpr std::size_t number_digits = 9;
// Each takes a token at least, and no context holds as many.
constexpr std::size_t marks_max = 1 << 18;

// Not by std::random_device: each one asks the processor what it can, which virtual machines are slow to say.
std::string random_digits() {
  std::array<std::uint32_t, 4> numbers;
  check(getrandom(numbers.data(), sizeof numbers, 0) == static_cast<ssize_t>(sizeof numbers),
        "the system has no random bytes");
  return std::format("{:010}{:010}{:010}{:010}", numbers[0], numbers[1], numbers[2], numbers[3]);
}

// Text parts in a row are one.
void append(Prompt& prompt, std::string_view text) {
  if (text.empty()) return;
  if (auto* last = prompt.parts.empty() ? nullptr : std::get_if<std::string>(&prompt.parts.back()))
    last->append(text);
  else
    prompt.parts.emplace_back(std::string(text));
}

}  // namespace

PromptMarks::PromptMarks(const ProtectedTokens& tokens) : tokens_(tokens), secret_(random_digits()) {}

std::string PromptMarks::add(PromptPart part) {
  if (parts_.size() == marks_max) {
    too_many_ = true;
    return {};
  }
  parts_.push_back(std::move(part));
  return std::format("{}{:0{}}", secret_, parts_.size() - 1, number_digits);
}

std::string PromptMarks::mark(const ImageSlot& image) {
  ++images_;
  return add(image);
}

std::string PromptMarks::protect(std::string_view text, const ControlTokens& tokens) {
  std::string marked;
  std::size_t behind = 0;
  while (const auto found = tokens.find(text, behind)) {
    marked.append(text.substr(behind, found->at - behind));
    marked.append(add(PlainText{std::string(text.substr(found->at, found->length))}));
    behind = found->at + found->length;
  }
  return marked.append(text.substr(behind));
}

Json PromptMarks::protect_json(const Json& value) {
  if (value.is_string()) return protect(value.get_ref<const std::string&>());
  if (!value.is_structured()) return value;
  Json marked = value.is_array() ? Json::array() : Json::object();
  for (const auto& [name, inner] : value.items()) {
    if (value.is_array())
      marked.push_back(protect_json(inner));
    else
      marked[protect(name)] = protect_json(inner);
  }
  return marked;
}

std::string PromptMarks::protect_message(const Message& message) {
  const ControlTokens& tokens = message.role == "assistant" ? tokens_.from_model : tokens_.from_anyone;
  std::string marked, text;
  const auto end_text = [&] { marked += protect(std::exchange(text, {}), tokens); };
  for (const PromptPart& part : message.parts) {
    if (const auto* words = std::get_if<std::string>(&part)) {
      text += *words;
    } else if (const auto* plain = std::get_if<PlainText>(&part)) {
      end_text();
      marked += add(*plain);
    } else {
      end_text();
      marked += mark(std::get<ImageSlot>(part));
    }
  }
  end_text();
  return marked;
}

const PromptPart* PromptMarks::part_at(std::string_view text) const {
  const std::string_view digits = text.substr(secret_.size()).substr(0, number_digits);
  std::size_t number = parts_.size();
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc() && end == digits.data() + digits.size() && digits.size() == number_digits;
  return whole && number < parts_.size() ? &parts_[number] : nullptr;
}

Result<Prompt> PromptMarks::restore(std::string_view rendered) const {
  if (too_many_)
    return fail(Fault::invalid, std::format("the messages have more than {} pictures and control tokens", marks_max));
  Prompt prompt;
  std::vector<std::uint32_t> seen(parts_.size(), 0);
  for (;;) {
    const std::size_t at = rendered.find(secret_);
    append(prompt, rendered.substr(0, at));
    if (at == std::string_view::npos) break;
    rendered.remove_prefix(at);
    const PromptPart* part = part_at(rendered);
    if (part == nullptr) return fail(Fault::invalid, "the model's chat template cuts the messages' text");
    prompt.parts.push_back(*part);
    ++seen[static_cast<std::size_t>(part - parts_.data())];
    rendered.remove_prefix(secret_.size() + number_digits);
  }
  std::size_t kept = 0;
  bool repeated = false;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!std::holds_alternative<ImageSlot>(parts_[i])) continue;
    kept += seen[i] > 0 ? 1 : 0;
    repeated |= seen[i] > 1;
  }
  if (repeated) return fail(Fault::invalid, "the model's chat template repeats a picture of the messages");
  if (kept == images_) return prompt;
  return fail(
      Fault::invalid,
      std::format(
          "the model's chat template kept {} of the {} pictures in the messages: put pictures into user messages", kept,
          images_));
}

std::string PromptMarks::in_words(std::string_view sentence) const {
  std::string words;
  for (std::size_t at = 0; (at = sentence.find(secret_)) != std::string_view::npos;) {
    words.append(sentence.substr(0, at));
    sentence.remove_prefix(at);
    const PromptPart* part = part_at(sentence);
    const auto* plain = part != nullptr ? std::get_if<PlainText>(part) : nullptr;
    words.append(plain != nullptr ? plain->text : "[picture]");
    sentence.remove_prefix(std::min(sentence.size(), secret_.size() + number_digits));
  }
  return words.append(sentence);
}

}  // namespace fovea::llama
