#include "pipeline/asking_client.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <format>
#include <utility>
#include <variant>

#include "pictures/sources.h"

namespace fovea::test {

namespace {

constexpr std::size_t pictures = 36;
constexpr std::size_t common_requests = 8;
constexpr std::size_t messages_max = 6;  // of a conversation

const std::vector<std::string> questions = {
    "What color is the square?", "What shape is this?",       "How many shapes are there?", "Describe the picture.",
    "Where is the square?",      "Is there a red square?",    "Is the square large?",       "What is two plus two?",
    "Is there a circle?",        "What is in the last image?"};
const std::vector<std::string> systems = {
    "Answer briefly.",
    "You are a helpful vision assistant. Look at the pictures carefully, think step by step, and answer in one word."};

// A square of one colour somewhere on white; each number is another picture, and a few are larger than the
// others.
ImageSource drawn(unsigned number) {
  static constexpr std::array<Rgb, 5> colours = {
      {{220, 40, 40}, {40, 160, 60}, {40, 80, 220}, {240, 220, 50}, {20, 20, 20}}};
  const unsigned width = number % 7 == 6 ? 150 : 96, height = number % 7 == 6 ? 100 : 96;
  const unsigned left = 8 + number * 13 % 40, top = 8 + number * 29 % 40, side = 20 + number % 4 * 8;
  ImageSource source = png(width, height, [=](std::uint32_t x, std::uint32_t y) -> Rgb {
    const bool inside = x >= left && x < left + side && y >= top && y < top + side;
    return inside ? colours[number % colours.size()] : Rgb{255, 255, static_cast<std::uint8_t>(255 - number)};
  });
  source.name = std::format("picture {}", number);
  return source;
}

const ImageSource& picture(std::size_t number) {
  static const std::vector<ImageSource> all = [] {
    std::vector<ImageSource> sources;
    for (unsigned i = 0; i < pictures; ++i) sources.push_back(drawn(i));
    return sources;
  }();
  return all[number];
}

}  // namespace

double Chance::ms() { return std::pow(10, std::uniform_real_distribution<double>(-1, 2.7)(random_)); }

Request RandomClient::next() {
  // Half of what is asked is out of a few requests, the same for every client.
  Chance common(static_cast<unsigned>(chance.below(common_requests)));
  Chance& by = !talk_ && chance.one_in(2) ? common : chance;
  Request request = talk_ ? *std::exchange(talk_, std::nullopt) : begun(by);
  request.messages.push_back(turn(request, by));
  request.options = options(by);
  request.cache = {.read = !chance.one_in(8), .write = !chance.one_in(8)};
  request.timeout_ms = chance.one_in(8) ? std::optional(chance.ms()) : std::nullopt;
  return request;
}

Request RandomClient::begun(Chance& by) {
  Request request;
  if (by.one_in(3)) request.messages.push_back({"system", {by.of(systems)}});
  for (std::size_t i = by.below(4); i > 0; --i)
    request.sources.push_back(picture(std::min(by.below(pictures), by.below(pictures))));
  request.tenant = by.one_in(5) ? "another" : "";
  return request;
}

void RandomClient::answered(Request request, const std::string& text) {
  if (request.messages.size() + 2 > messages_max || text.empty() || chance.one_in(2)) return;
  request.messages.push_back({"assistant", {text}});
  talk_ = std::move(request);
}

// The first turn shows all pictures.
Message RandomClient::turn(const Request& request, Chance& by) {
  Message user{"user", {}};
  const bool first = request.messages.size() < 2;
  const bool words_first = by.one_in(3);
  if (words_first) user.parts.emplace_back(by.of(questions) + " ");
  for (std::size_t i = 0; first && i < request.sources.size(); ++i) user.parts.emplace_back(ImageSlot{i});
  if (!words_first) user.parts.emplace_back(by.of(questions));
  return user;
}

GenerateOptions RandomClient::options(Chance& by) {
  GenerateOptions options{.max_tokens = static_cast<std::int32_t>(1 + by.below(40))};
  if (by.one_in(8)) {
    options.temperature = 0.7;
    options.seed = static_cast<std::uint32_t>(by.below(3));
  }
  return options;
}

std::string described(const Request& request) {
  std::string text = std::format("at most {} tokens, temperature {}, seed {};", request.options.max_tokens,
                                 request.options.temperature, request.options.seed.value_or(0));
  for (const Message& message : request.messages) {
    text += std::format(" {}: ", message.role);
    for (const PromptPart& part : message.parts) {
      const auto* slot = std::get_if<ImageSlot>(&part);
      text += slot ? std::format("[{}]", request.sources[slot->index].name) : std::get<std::string>(part);
    }
  }
  return text;
}

}  // namespace fovea::test
