// A field of the wrong type or out of its range is refused, not clamped: a client would not notice that it
// gets other answers.
#include "serve/openai/sampling.h"

#include <algorithm>
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

Parsed<void> read_stops(const JsonObject& body, std::vector<std::string>& stops) {
  const auto value = body.find("stop");
  if (!value) return {};
  stops.clear();
  const auto add = [&](const Json& stop) -> Parsed<void> {
    std::string_view text;
    if (stop.get_string().get(text) != simdjson::SUCCESS)
      return refuse("stop", "stop must be a text or a list of texts", "invalid_type");
    if (text.size() > stop_bytes_max)
      return refuse("stop", std::format("a stop text may have {} bytes, not {}", stop_bytes_max, text.size()));
    stops.emplace_back(text);
    return {};
  };
  simdjson::dom::array list;
  if (value->get_array().get(list) != simdjson::SUCCESS) return add(*value);
  if (list.size() > stops_max)
    return refuse("stop", std::format("stop may list {} texts, not {}", stops_max, list.size()));
  for (const Json stop : list) {
    if (auto added = add(stop); !added) return added;
  }
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
      read_stops(body, options.stop),
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
