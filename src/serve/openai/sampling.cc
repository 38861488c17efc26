// A field of the wrong type or out of its range is refused, not clamped: a client would not notice that it
// gets other answers.
#include "serve/openai/sampling.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <limits>

namespace fovea::serve {

namespace {

constexpr std::int32_t tokens_max = 1 << 20;  // beyond every context
constexpr std::size_t stops_max = 16;         // OpenAI's 4, and room for those who need more
constexpr std::size_t stop_bytes_max = 1024;  // the answer is held back while one of them may still begin
constexpr std::size_t biases_max = 1024;

template <typename Number, typename Found>
Parsed<void> take(const Parsed<std::optional<Found>>& found, Number& into) {
  if (!found) return std::unexpected(found.error());
  if (*found) into = static_cast<Number>(**found);
  return {};
}

Parsed<void> add_stop(const Json& stop, std::string_view field, std::vector<std::string>& stops) {
  std::string_view text;
  if (stop.get_string().get(text) != simdjson::SUCCESS)
    return refuse(std::string(field), std::format("{} must be a text or a list of texts", field), "invalid_type");
  if (text.size() > stop_bytes_max)
    return refuse(std::string(field),
                  std::format("a text in {} may have {} bytes, not {}", field, stop_bytes_max, text.size()));
  stops.emplace_back(text);
  return {};
}

// {"token id": bias}
Parsed<void> read_biases(const JsonObject& body, GenerateOptions& options) {
  const auto value = body.find("logit_bias");
  if (!value) return {};
  const auto biases = JsonObject::of(*value, "logit_bias");
  if (!biases) return std::unexpected(biases.error());
  if (biases->fields().size() > biases_max)
    return refuse("logit_bias",
                  std::format("logit_bias may name {} tokens, not {}", biases_max, biases->fields().size()));
  options.logit_bias.clear();
  for (const auto [name, unused] : biases->fields()) {
    std::int32_t token = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), token);
    if (error != std::errc() || end != name.data() + name.size() || token < 0)
      return refuse("logit_bias", std::format("logit_bias names tokens by their numbers; \"{}\" is none", name));
    const auto bias = biases->number(name, -100, 100);
    if (!bias) return std::unexpected(bias.error());
    if (*bias) options.logit_bias.push_back({token, **bias});
  }
  return {};
}

}  // namespace

Parsed<void> read_stops(const JsonObject& body, std::string_view field, std::vector<std::string>& stops) {
  const auto value = body.find(field);
  if (!value) return {};
  stops.clear();
  simdjson::dom::array list;
  if (value->get_array().get(list) != simdjson::SUCCESS) return add_stop(*value, field, stops);
  if (list.size() > stops_max)
    return refuse(std::string(field), std::format("{} may list {} texts, not {}", field, stops_max, list.size()));
  for (const Json stop : list) {
    if (auto added = add_stop(stop, field, stops); !added) return added;
  }
  return {};
}

Parsed<GenerateOptions> read_sampling(const JsonObject& body, const GenerateOptions& defaults) {
  GenerateOptions options = defaults;
  const auto whole = [&](std::string_view name, std::int64_t low, std::int64_t high) {
    return body.integer(name, low, high);
  };
  const Parsed<void> steps[] = {
      take(body.number("temperature", 0, 5), options.temperature),
      take(body.number("top_p", 0, 1), options.top_p),
      take(body.number("min_p", 0, 1), options.min_p),
      take(body.number("frequency_penalty", -2, 2), options.frequency_penalty),
      take(body.number("presence_penalty", -2, 2), options.presence_penalty),
      take(whole("top_k", -1, std::numeric_limits<std::int32_t>::max()), options.top_k),
      // The oldest name first: where several are sent, the one that OpenAI recommends counts.
      take(whole("n_predict", -1, tokens_max), options.max_tokens),
      take(whole("max_tokens", -1, tokens_max), options.max_tokens),
      take(whole("max_output_tokens", 0, tokens_max), options.max_tokens),
      take(whole("max_completion_tokens", -1, tokens_max), options.max_tokens),
      read_stops(body, "stop", options.stop),
      read_biases(body, options),
  };
  for (const auto& step : steps) {
    if (!step) return std::unexpected(step.error());
  }
  // llama-server and vLLM say -1 where there is no bound.
  if (options.max_tokens < 0) options.max_tokens = tokens_max;
  options.top_k = std::max(options.top_k, 0);
  const auto seed = whole("seed", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
  if (!seed) return std::unexpected(seed.error());
  // The engine's seeds have 32 bits: both halves of this one are used. llama-server and vLLM say -1 for a
  // fresh one.
  if (*seed && **seed == -1) options.seed.reset();
  if (*seed && **seed != -1)
    options.seed = static_cast<std::uint32_t>(**seed) ^ static_cast<std::uint32_t>(**seed >> 32);
  return options;
}

}  // namespace fovea::serve
