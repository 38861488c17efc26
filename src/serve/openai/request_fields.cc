// The table is sorted by who has the field, and within that by what it is about. A field that another one
// switches on (mirostat_tau, xtc_threshold) is ignored: the refusal of that one covers it.
#include "serve/openai/request_fields.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <optional>

namespace fovea::serve {

namespace {

using enum FieldUse;

constexpr std::string_view send_schema = "send response_format with a JSON Schema";
constexpr std::string_view send_tools = "send tools and tool_choice";
constexpr std::string_view own_template = "render the prompt yourself and send it to /v1/completions";

constexpr auto fields = std::to_array<RequestField>({
    // OpenAI's.
    {"messages", kept},
    {"prompt", kept},
    {"model", kept},
    {"stream", kept},
    {"stream_options", kept},
    {"n", kept},
    {"temperature", kept},
    {"top_p", kept},
    {"seed", kept},
    {"stop", kept},
    {"max_tokens", kept},
    {"max_completion_tokens", kept},
    {"frequency_penalty", kept},
    {"presence_penalty", kept},
    {"logit_bias", kept},
    {"logprobs", kept},
    {"top_logprobs", kept},
    {"response_format", kept},
    {"tools", kept},
    {"tool_choice", kept},
    {"parallel_tool_calls", kept},
    {"modalities", kept},
    {"prediction", kept},
    {"echo", kept},
    {"reasoning_effort", ignored},
    {"verbosity", ignored},
    {"service_tier", ignored},
    {"store", ignored},
    {"metadata", ignored},
    {"user", ignored},
    {"safety_identifier", ignored},
    {"prompt_cache_key", ignored},
    {"prompt_cache_retention", ignored},
    {"functions", refused, {}, send_tools},
    {"function_call", refused, {R"("none")", R"("auto")"}, send_tools},
    {"audio", refused},
    {"web_search_options", refused},
    {"suffix", refused},
    {"best_of", refused, {"1"}, "send n"},

    // llama-server's.
    {"n_predict", kept},
    {"top_k", kept},
    {"min_p", kept},
    {"json_schema", kept},
    {"chat_template_kwargs", kept},
    {"timings_per_token", kept},
    {"cache_prompt", ignored},
    {"id_slot", ignored},
    {"n_keep", ignored},
    {"n_cache_reuse", ignored},
    {"return_progress", ignored},
    {"reasoning_format", ignored},
    {"reasoning_control", ignored},
    {"reasoning_budget", ignored},
    {"thinking_budget_tokens", ignored},
    {"repeat_last_n", ignored},
    {"min_keep", ignored},
    {"post_sampling_probs", ignored},
    {"dynatemp_exponent", ignored},
    {"xtc_threshold", ignored},
    {"dry_base", ignored},
    {"dry_allowed_length", ignored},
    {"dry_penalty_last_n", ignored},
    {"dry_sequence_breakers", ignored},
    {"mirostat_tau", ignored},
    {"mirostat_eta", ignored},
    {"adaptive_decay", ignored},
    {"n_discard", ignored},
    {"reasoning_budget_tokens", ignored},
    {"backend_sampling", ignored},
    {"grammar_lazy", ignored},
    {"grammar_triggers", ignored},
    {"grammar", refused, {}, send_schema},
    {"typical_p", refused, {"1"}},
    {"typ_p", refused, {"1"}},
    {"repeat_penalty", refused, {"1"}, "send frequency_penalty or presence_penalty"},
    {"dynatemp_range", refused, {"0"}},
    {"xtc_probability", refused, {"0"}},
    {"dry_multiplier", refused, {"0"}},
    {"mirostat", refused, {"0"}},
    {"top_n_sigma", refused, {"-1", "0"}},
    {"samplers", refused},
    {"ignore_eos", refused},
    {"n_indent", refused, {"0"}},
    {"t_max_predict_ms", refused, {"0", "-1"}},
    {"n_probs", refused, {"0"}, "send logprobs, a number to /v1/completions and true with top_logprobs to chats"},
    {"n_cmpl", refused, {"1"}, "send n"},
    {"adaptive_target", refused, {"-1"}},
    {"return_tokens", refused},
    {"response_fields", refused},
    {"lora", refused},
    {"parse_tool_calls", refused, {"true"}},
    {"image_data", refused, {}, "send multimodal_data beside prompt_string"},

    // vLLM's.
    {"cache_salt", kept},
    {"add_generation_prompt", kept},
    {"continue_final_message", kept},
    {"guided_json", kept},
    {"structured_outputs", kept},
    {"include_reasoning", ignored},
    {"thinking_token_budget", ignored},
    {"priority", ignored},
    {"request_id", ignored},
    {"guided_decoding_backend", ignored},
    {"spaces_between_special_tokens", ignored},
    {"add_special_tokens", ignored},
    {"truncation_side", ignored},
    {"session_id", ignored},
    {"stream_interval", ignored},
    {"guided_regex", refused, {}, send_schema},
    {"guided_choice", refused, {}, "send response_format with a JSON Schema of an enum"},
    {"guided_grammar", refused, {}, send_schema},
    {"guided_whitespace_pattern", refused},
    {"structural_tag", refused, {}, send_schema},
    {"use_beam_search", refused},
    {"length_penalty", refused, {"1"}},
    {"early_stopping", refused},
    {"repetition_penalty", refused, {"1"}, "send frequency_penalty or presence_penalty"},
    {"min_tokens", refused, {"0"}},
    {"stop_token_ids", refused, {}, "send stop"},
    {"include_stop_str_in_output", refused},
    {"skip_special_tokens", refused, {"true"}},
    {"truncate_prompt_tokens", refused},
    {"prompt_logprobs", refused},
    {"allowed_token_ids", refused, {}, "send logit_bias"},
    {"bad_words", refused, {}, "send logit_bias"},
    {"documents", refused, {}, "put them into a message"},
    {"chat_template", refused, {}, own_template},
    {"mm_processor_kwargs", refused},
    {"media_io_kwargs", refused, {}, "send fps and num_frames beside a video's url"},
    {"logprob_token_ids", refused, {}, "send top_logprobs"},
    {"watermarking", refused},
    {"repetition_detection", refused},
    {"return_prompt_text", refused, {}, "ask /apply-template"},
    {"ec_transfer_params", refused},
    {"logits_processors", refused},
    {"return_tokens_as_token_ids", refused},
    {"return_token_ids", refused},
    {"kv_transfer_params", refused},
    {"vllm_xargs", refused},
    {"prompt_embeds", refused},
});

std::optional<double> number_of(std::string_view json) {
  double number = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
  if (error != std::errc() || end != json.data() + json.size()) return std::nullopt;
  return number;
}

// Numbers are equal by their value: 1 is 1.0.
bool is(const Json& value, std::string_view wanted) {
  double number = 0;
  if (const auto wanted_number = number_of(wanted))
    return value.get_double().get(number) == simdjson::SUCCESS && number == *wanted_number;
  return simdjson::minify(value) == wanted;
}

bool asks_for_nothing(const Json& value, const RequestField& field) {
  constexpr std::array<std::string_view, 3> nothing = {R"("")", "[]", "{}"};
  const std::string text = simdjson::minify(value);
  if (text == "false") return field.neutral[0] != "true";  // off, unless on is what is usual
  return std::ranges::contains(nothing, text) || std::ranges::any_of(field.neutral, [&](std::string_view neutral) {
           return !neutral.empty() && is(value, neutral);
         });
}

}  // namespace

std::span<const RequestField> request_fields() { return fields; }

Parsed<void> check_fields(const JsonObject& body) {
  for (const RequestField& field : fields) {
    if (field.use != FieldUse::refused) continue;
    const auto value = body.find(field.name);
    if (!value || asks_for_nothing(*value, field)) continue;
    const std::string_view instead = field.instead.empty() ? "leave it out" : field.instead;
    return refuse(std::string(field.name), std::format("{} is not supported: {}", field.name, instead),
                  "unsupported_parameter");
  }
  return {};
}

}  // namespace fovea::serve
