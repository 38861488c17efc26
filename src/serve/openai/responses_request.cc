// A Responses request has the parts of a chat request under other names, so that the readers are those of
// chat requests. What is left to do here is what Chat does not have: input, instructions, text.format, and
// the responses before this one. Instructions are this request's alone, as OpenAI says: those of earlier
// responses are not read again.
#include "serve/openai/responses_request.h"

#include <algorithm>
#include <array>
#include <format>
#include <utility>

#include "serve/asking/answerable.h"
#include "serve/openai/answer_format.h"
#include "serve/openai/request_fields.h"
#include "serve/openai/sampling.h"
#include "serve/openai/tools_request.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace {

constexpr std::size_t metadata_bytes_max = 16 << 10;  // OpenAI's 16 pairs of 64 and 512 characters fit

Parsed<void> refuse_unsupported(const JsonObject& body) {
  constexpr std::array<std::string_view, 3> names = {"conversation", "background", "prompt"};
  for (const std::string_view name : names) {
    const auto value = body.find(name);
    bool wanted = true;
    if (!value || (value->get_bool().get(wanted) == simdjson::SUCCESS && !wanted)) continue;
    return refuse(std::string(name), std::format("{} is not supported: leave it out", name), "unsupported_parameter");
  }
  return check_one_answer(body);
}

constexpr std::int64_t top_logprobs_max = 20;  // OpenAI's

// What this server's replies never have (reasoning, results of tools of OpenAI's own) or have anyway (the
// pictures of the input) may be asked for.
Parsed<void> read_include(const JsonObject& body, ChatRequest& asked) {
  constexpr std::array<std::string_view, 7> known = {
      "reasoning.encrypted_content",  "message.input_image.image_url", "computer_call_output.output.image_url",
      "file_search_call.results",     "web_search_call.results",       "web_search_call.action.sources",
      "code_interpreter_call.outputs"};
  const auto count = body.integer("top_logprobs", 0, top_logprobs_max);
  if (!count) return std::unexpected(count.error());
  const auto value = body.find("include");
  if (!value) return {};
  simdjson::dom::array list;
  if (value->get_array().get(list) != simdjson::SUCCESS)
    return refuse("include", "include must be a list of texts", "invalid_type");
  for (const Json element : list) {
    std::string_view name;
    if (element.get_string().get(name) == simdjson::SUCCESS && std::ranges::contains(known, name)) continue;
    if (name == "message.output_text.logprobs") {
      asked.top_logprobs = static_cast<std::int32_t>(count->value_or(0));
      continue;
    }
    return refuse("include", std::format("include may not have \"{}\"", name), "unsupported_value");
  }
  return {};
}

// A field that is one of a few words, or is not there.
Parsed<void> check_word(const JsonObject& object, std::string_view name, std::span<const std::string_view> words) {
  const auto word = object.text(name);
  if (!word) return std::unexpected(word.error());
  if (!*word || std::ranges::contains(words, **word)) return {};
  return refuse(object.path(name), std::format("{} may not be \"{}\"", object.path(name), **word));
}

Parsed<void> check_object(const JsonObject& body, std::string_view name) {
  const auto value = body.find(name);
  if (!value) return {};
  const auto object = JsonObject::of(*value, std::string(name));
  return object ? Parsed<void>() : std::unexpected(object.error());
}

// text: {"format", "verbosity"}
Parsed<void> read_text(const JsonObject& body, ChatRequest& asked) {
  constexpr std::array<std::string_view, 3> verbosities = {"low", "medium", "high"};
  const auto text = body.find("text");
  if (!text) return {};
  const auto holder = JsonObject::of(*text, "text");
  if (!holder) return std::unexpected(holder.error());
  if (auto known = check_word(*holder, "verbosity", verbosities); !known) return known;
  GenerateOptions formatted;
  if (auto read = read_answer_format(*holder, "format", formatted); !read) return read;
  if (!formatted.json_schema) return {};
  if (asked.options.json_schema)
    return refuse("text.format", std::format("{} and text.format both say what the answer must be: send text.format",
                                             asked.format_field));
  asked.options.json_schema = std::move(formatted.json_schema);
  asked.format_field = "text.format";
  return {};
}

Parsed<void> check_other_fields(const JsonObject& body) {
  constexpr std::array<std::string_view, 2> truncations = {"auto", "disabled"};
  const auto calls = body.integer("max_tool_calls", 1, std::numeric_limits<std::int32_t>::max());
  if (!calls) return std::unexpected(calls.error());
  if (const auto metadata = body.find("metadata"); metadata && simdjson::minify(*metadata).size() > metadata_bytes_max)
    return refuse("metadata", std::format("metadata may have {} bytes", metadata_bytes_max));
  const Parsed<void> steps[] = {check_word(body, "truncation", truncations), check_object(body, "metadata"),
                                check_object(body, "reasoning")};
  for (const Parsed<void>& step : steps) {
    if (!step) return step;
  }
  return {};
}

// A reference is stored as what it stands for: that may be gone when this response is continued.
StoredItem to_be_stored(const JsonObject& item, EarlierResponses& earlier) {
  const auto type = item.text("type");
  const auto id = item.text("id");
  if (type && type->value_or("") == "item_reference" && id && *id) {
    if (auto text = earlier.item(**id, item.path("id"))) return {std::string(**id), std::move(*text)};
  }
  return stored_item(item);
}

// input: a text, or a list of items whose type may be left out if they are messages.
Parsed<void> read_input(const JsonObject& body, const RequestRules& rules, EarlierResponses& earlier,
                        ResponsesRequest& request) {
  const auto input = body.find("input");
  if (!input) return refuse("input", "input is missing: a text, or a list of items", "missing_required_parameter");
  std::string_view text;
  if (input->get_string().get(text) == simdjson::SUCCESS) {
    request.asked.messages.push_back(
        {.role = "user", .parts = {std::string(text)}, .tool_calls = {}, .tool_call_id = {}});
    if (request.store) request.input.push_back(stored_item(text));
    return {};
  }
  simdjson::dom::array items;
  if (input->get_array().get(items) != simdjson::SUCCESS)
    return refuse("input", "input must be a text or a list of items", "invalid_type");
  if (items.size() == 0) return refuse("input", "input is empty: ask something");
  if (items.size() > rules.messages_max)
    return refuse("input", std::format("input may have {} items, not {}", rules.messages_max, items.size()));
  std::size_t index = 0;
  for (const Json element : items) {
    const auto item = JsonObject::of(element, std::format("input[{}]", index++));
    if (!item) return std::unexpected(item.error());
    if (auto read = read_item(*item, rules, earlier, request.asked); !read) return read;
    if (request.store) request.input.push_back(to_be_stored(*item, earlier));
    if (request.asked.messages.size() > rules.messages_max) break;
  }
  return {};
}

Parsed<void> read_earlier(const JsonObject& body, const RequestRules& rules, EarlierResponses& earlier,
                          ResponsesRequest& request) {
  const auto id = body.text("previous_response_id");
  if (!id) return std::unexpected(id.error());
  request.previous = id->value_or("");
  if (request.previous.empty()) return {};
  const auto items = earlier.conversation(request.previous);
  if (!items) return std::unexpected(items.error());
  for (const std::string& item : *items) {
    if (auto read = read_stored_item(item, "previous_response_id", rules, request.asked); !read) return read;
    if (request.asked.messages.size() > rules.messages_max) break;
  }
  return {};
}

Parsed<void> read_conversation(const JsonObject& body, const RequestRules& rules, EarlierResponses& earlier,
                               ResponsesRequest& request) {
  const auto instructions = body.text("instructions");
  if (!instructions) return std::unexpected(instructions.error());
  if (*instructions)
    request.asked.messages.push_back(
        {.role = "system", .parts = {std::string(**instructions)}, .tool_calls = {}, .tool_call_id = {}});
  if (auto read = read_earlier(body, rules, earlier, request); !read) return read;
  if (auto read = read_input(body, rules, earlier, request); !read) return read;
  const std::size_t count = request.asked.messages.size();
  if (count > rules.messages_max)
    return refuse("input", std::format("a request may have {} messages, and this has more", rules.messages_max));
  if (count == 0) return refuse("input", "input has nothing to answer to: send a message");
  const auto continued = body.truth("continue_final_message");
  if (!continued) return std::unexpected(continued.error());
  request.asked.continue_final = continued->value_or(false);
  const Message& last = request.asked.messages.back();
  if (request.asked.continue_final && (last.role != "assistant" || !last.tool_calls.empty() || !has_content(last)))
    return refuse("continue_final_message",
                  "continue_final_message needs a last message of the assistant, with a text");
  return {};
}

std::string given(const JsonObject& body, std::string_view name, std::string_view otherwise) {
  const auto value = body.find(name);
  return value ? std::string(simdjson::minify(*value)) : std::string(otherwise);
}

// Chat's names for it are read, too. Of several, the one that counts.
std::string max_tokens_given(const JsonObject& body) {
  for (const std::string_view name : {"max_completion_tokens", "max_output_tokens", "max_tokens", "n_predict"}) {
    if (body.find(name)) return given(body, name, "null");
  }
  return "null";
}

struct Default {
  std::string_view field, json;
};

// The object `name`, with what it leaves out.
std::string completed(const JsonObject& body, std::string_view name, std::initializer_list<Default> defaults) {
  std::string all;
  const auto add = [&](std::string_view field, std::string_view json) {
    all += std::format("{}{}:{}", all.empty() ? "{" : ",", json_text(field), json);
  };
  std::vector<std::string_view> present;
  simdjson::dom::object object;
  if (const auto value = body.find(name); value && value->get_object().get(object) == simdjson::SUCCESS) {
    for (const auto [field, one] : object) {
      if (one.is_null()) continue;
      present.push_back(field);
      add(field, std::string(simdjson::minify(one)));
    }
  }
  for (const auto& [field, json] : defaults) {
    if (!std::ranges::contains(present, field)) add(field, json);
  }
  return all + "}";
}

ResponsesSettings settings_of(const JsonObject& body, const GenerateOptions& options) {
  return {.instructions = given(body, "instructions", "null"),
          .max_output_tokens = max_tokens_given(body),
          .max_tool_calls = given(body, "max_tool_calls", "null"),
          .metadata = given(body, "metadata", "{}"),
          .parallel_tool_calls = given(body, "parallel_tool_calls", "true"),
          .previous_response_id = given(body, "previous_response_id", "null"),
          .prompt_cache_key = given(body, "prompt_cache_key", "null"),
          .reasoning = completed(body, "reasoning", {{"effort", "null"}, {"summary", "null"}}),
          .safety_identifier = given(body, "safety_identifier", "null"),
          .service_tier = R"("default")",
          .temperature = std::format("{}", options.temperature),
          .text = completed(body, "text", {{"format", R"({"type":"text"})"}}),
          .tool_choice = given(body, "tool_choice", R"("auto")"),
          .tools = given(body, "tools", "[]"),
          .top_logprobs = given(body, "top_logprobs", "0"),
          .top_p = std::format("{}", options.top_p),
          .truncation = given(body, "truncation", R"("disabled")"),
          .user = given(body, "user", "null")};
}

}  // namespace

Parsed<ResponsesRequest> read_responses_request(const JsonObject& body, const RequestRules& rules,
                                                EarlierResponses& earlier) {
  ResponsesRequest request;
  auto options = read_sampling(body, rules.defaults);
  if (!options) return std::unexpected(options.error());
  request.asked.options = std::move(*options);
  const auto store = body.truth("store");
  if (!store) return std::unexpected(store.error());
  request.store = store->value_or(rules.store_responses);
  const Parsed<void> steps[] = {
      refuse_unsupported(body),
      check_fields(body),
      check_other_fields(body),
      read_delivery(body, request.asked),
      read_structure(body, request.asked.options, &request.asked.format_field),
      read_text(body, request.asked),
      read_tools(body, request.asked.options.tools),
      read_include(body, request.asked),
      read_conversation(body, rules, earlier, request),
  };
  for (const Parsed<void>& step : steps) {
    if (!step) return std::unexpected(step.error());
  }
  // The tokens of a call are no tokens of the message's text.
  if (request.asked.top_logprobs && request.asked.options.tools.wanted())
    return refuse("include", "message.output_text.logprobs cannot be told of answers that may call tools",
                  "unsupported_value");
  request.settings = settings_of(body, request.asked.options);
  return request;
}

}  // namespace fovea::serve
