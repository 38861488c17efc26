// The text of a prompt is the client's own, control tokens included: who asks for a completion renders the
// template itself. Images are in base64, in the order of their markers in the text.
#include "serve/model/completion_request.h"

#include <format>
#include <limits>
#include <string>
#include <utility>

#include "image/data_url.h"
#include "serve/openai/answer_format.h"
#include "serve/openai/content.h"
#include "serve/openai/request_fields.h"
#include "serve/openai/sampling.h"

namespace fovea::serve {

namespace {

constexpr std::size_t answers_max = 8;  // each is computed by itself, one after another
constexpr std::int64_t top_logprobs_max = 20;
constexpr std::size_t tokens_max = 4'000'000;  // above any context

bool is_number(const Json& value) { return value.is_int64() || value.is_uint64(); }

Parsed<std::vector<std::int32_t>> read_tokens(const simdjson::dom::array& list, const std::string& where) {
  std::vector<std::int32_t> tokens;
  if (list.size() > tokens_max)
    return refuse(where,
                  std::format("{} has {} tokens: no context holds more than {}", where, list.size(), tokens_max));
  for (const Json element : list) {
    std::int64_t number = 0;
    if (element.get_int64().get(number) != simdjson::SUCCESS || number < 0 ||
        number > std::numeric_limits<std::int32_t>::max())
      return refuse(where, where + " must be a text, or a list of token numbers", "invalid_type");
    tokens.push_back(static_cast<std::int32_t>(number));
  }
  return tokens;
}

// The text, with an image at each marker.
Parsed<Prompt> prompt_of(std::string_view text, std::size_t images, const std::string& where) {
  Prompt prompt;
  std::size_t found = 0, at = 0;
  while ((at = text.find(media_marker)) != std::string_view::npos) {
    if (at > 0) prompt.parts.emplace_back(std::string(text.substr(0, at)));
    prompt.parts.emplace_back(ImageSlot{found++});
    text.remove_prefix(at + media_marker.size());
  }
  if (!text.empty()) prompt.parts.emplace_back(std::string(text));
  if (found == images) return prompt;
  return refuse(where, std::format("{} has {} {} for pictures ({}), but {} came", where, found,
                                   found == 1 ? "place" : "places", media_marker, images));
}

// multimodal_data: pictures in base64.
Parsed<std::vector<ImageReference>> read_pictures(const JsonObject& object, const RequestRules& rules) {
  std::vector<ImageReference> pictures;
  const auto data = object.find("multimodal_data");
  if (!data) return pictures;
  const std::string where = object.path("multimodal_data");
  simdjson::dom::array list;
  if (data->get_array().get(list) != simdjson::SUCCESS)
    return refuse(where, where + " must be a list of pictures in base64", "invalid_type");
  for (const Json element : list) {
    std::string_view bytes;
    if (element.get_string().get(bytes) != simdjson::SUCCESS)
      return refuse(where, where + " must be a list of pictures in base64", "invalid_type");
    const std::string url = is_data_url(bytes) ? std::string(bytes) : "data:;base64," + std::string(bytes);
    auto image = read_image_url(url, std::format("{}[{}]", where, pictures.size()), rules);
    if (!image) return std::unexpected(image.error());
    if (pictures.size() == rules.images_max) return std::unexpected(too_many_images(*image, rules));
    pictures.push_back(std::move(*image));
  }
  return pictures;
}

// {"prompt_string", "multimodal_data"}
Parsed<CompletionPrompt> read_multimodal(const JsonObject& object, const RequestRules& rules) {
  const auto text = object.text("prompt_string");
  if (!text) return std::unexpected(text.error());
  if (!*text) return refuse(object.path("prompt_string"), object.path("prompt_string") + " is missing");
  auto pictures = read_pictures(object, rules);
  if (!pictures) return std::unexpected(pictures.error());
  auto prompt = prompt_of(**text, pictures->size(), object.path("prompt_string"));
  if (!prompt) return std::unexpected(prompt.error());
  return CompletionPrompt{.prompt = std::move(*prompt), .images = std::move(*pictures), .tokens = {}};
}

Parsed<CompletionPrompt> read_one(const Json& value, const std::string& where, const RequestRules& rules) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS)
    return CompletionPrompt{.prompt = {{std::string(text)}}, .images = {}, .tokens = {}};
  simdjson::dom::array list;
  if (value.get_array().get(list) == simdjson::SUCCESS) {
    auto tokens = read_tokens(list, where);
    if (!tokens) return std::unexpected(tokens.error());
    if (tokens->empty()) return refuse(where, where + " is empty: there is nothing to go on from");
    return CompletionPrompt{.prompt = {}, .images = {}, .tokens = std::move(*tokens)};
  }
  const auto object = JsonObject::of(value, where);
  if (!object) return refuse(where, where + " must be a text, or a list of token numbers", "invalid_type");
  return read_multimodal(*object, rules);
}

Parsed<void> read_list(const JsonObject& body, const RequestRules& rules, CompletionRequest& request) {
  const auto value = body.find("prompt");
  if (!value) return refuse("prompt", "prompt is missing: a text to go on from", "missing_required_parameter");
  simdjson::dom::array list;
  const bool several =
      value->get_array().get(list) == simdjson::SUCCESS && list.size() > 0 && !is_number(list.at(0).value_unsafe());
  if (!several) {
    auto prompt = read_one(*value, "prompt", rules);
    if (!prompt) return std::unexpected(prompt.error());
    request.prompts.push_back(std::move(*prompt));
    return {};
  }
  if (list.size() * request.asked.choices > answers_max)
    return refuse("prompt", std::format("a request may have {} answers, not {}", answers_max,
                                        list.size() * request.asked.choices));
  for (const Json element : list) {
    auto prompt = read_one(element, std::format("prompt[{}]", request.prompts.size()), rules);
    if (!prompt) return std::unexpected(prompt.error());
    request.prompts.push_back(std::move(*prompt));
  }
  return {};
}

Parsed<void> read_log_probabilities(const JsonObject& body, CompletionRequest& request) {
  const auto count = body.integer("logprobs", 0, top_logprobs_max);
  if (!count) return std::unexpected(count.error());
  if (*count && request.echo)
    return refuse("logprobs", "logprobs are of the answer: they cannot be had with echo", "unsupported_value");
  if (*count) request.asked.top_logprobs = static_cast<std::int32_t>(**count);
  return {};
}

}  // namespace

Parsed<CompletionRequest> read_completion_request(const JsonObject& body, const RequestRules& rules) {
  CompletionRequest request;
  auto options = read_sampling(body, rules.defaults);
  if (!options) return std::unexpected(options.error());
  request.asked.options = std::move(*options);
  const auto echo = body.truth("echo");
  if (!echo) return std::unexpected(echo.error());
  request.echo = echo->value_or(false);
  const Parsed<void> steps[] = {
      check_fields(body),
      read_delivery(body, request.asked),
      read_count(body, request.asked),
      read_structure(body, request.asked.options),
      read_log_probabilities(body, request),
  };
  for (const Parsed<void>& step : steps) {
    if (!step) return std::unexpected(step.error());
  }
  if (auto read = read_list(body, rules, request); !read) return std::unexpected(read.error());
  return request;
}

}  // namespace fovea::serve
