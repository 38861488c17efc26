// A conversation goes through four forms: messages, protected turns, the turns as this template takes them,
// and the template's JSON. Templates that refuse an order that others take are asked again with turns merged.
// Their first refusal is what the user sees, since it is about the messages as they were sent.
#include "engine/llama/template/chat_template.h"

#include <algorithm>
#include <exception>
#include <format>
#include <utility>
#include <vector>

#include "engine/llama/template/generic_tools.h"
#include "engine/llama/template/prompt_marks.h"
#include "engine/llama/template/turn.h"
#include "engine/llama/template/turn_order.h"

namespace fovea::llama {

namespace {

// OpenAI's list of the tools that may be called; null = none.
Result<Json> tools_json(const ToolUse* use, PromptMarks& marks, std::size_t& fields) {
  if (use == nullptr || !use->wanted()) return Json();
  Json list = Json::array();
  for (const Tool& tool : use->tools) {
    Json function{{"name", marks.protect(tool.name)}};
    if (!tool.description.empty()) function["description"] = marks.protect(tool.description);
    auto parameters = json_of(tool.parameters, "the parameters of a tool", fields);
    if (!parameters) return std::unexpected(parameters.error());
    if (parameters->is_null()) parameters = Json{{"type", "object"}, {"properties", Json::object()}};
    function["parameters"] = marks.protect_json(*parameters);
    list.push_back(Json{{"type", "function"}, {"function", std::move(function)}});
  }
  return list;
}

Result<Json> variables_json(std::string_view text, PromptMarks& marks, std::size_t& fields) {
  if (text.empty()) return Json::object();
  auto variables = json_of(text, "chat_template_kwargs", fields);
  if (!variables) return std::unexpected(variables.error());
  if (!variables->is_object()) return fail(Fault::invalid, "chat_template_kwargs are not a JSON object");
  return marks.protect_json(*variables);
}

// Ways to arrange the turns, from the one that loses nothing to those that more templates take.
std::vector<std::vector<Turn>> arrangements(const std::vector<Turn>& turns, const TemplateTraits& traits) {
  std::vector<Turn> first = turns;
  if (!traits.system_role) first = with_system_in_user(std::move(first));
  if (traits.tools && !traits.parallel_calls) first = with_single_calls(std::move(first));
  std::vector<std::vector<Turn>> ways;
  if (traits.tools && !traits.content_with_calls) ways.push_back(with_calls_alone(first));
  ways.push_back(first);
  ways.push_back(merged(std::move(first)));
  return ways;
}

// minja appends the places in the template, with its whole source.
std::string_view said_by(const std::exception& error) {
  const std::string_view sentence = error.what();
  return sentence.substr(0, sentence.find(" at row "));
}

bool has_picture(const Message& message) {
  return std::ranges::any_of(message.parts,
                             [](const PromptPart& part) { return std::holds_alternative<ImageSlot>(part); });
}

// Appends what the assistant has said already. The last text of the prompt and the first of `said` are one,
// so that they are tokenized together.
void go_on(Prompt& prompt, Prompt said) {
  auto part = said.parts.begin();
  if (part != said.parts.end() && !prompt.parts.empty()) {
    auto* end = std::get_if<std::string>(&prompt.parts.back());
    const auto* text = std::get_if<std::string>(&*part);
    if (end != nullptr && text != nullptr) {
      *end += *text;
      ++part;
    }
  }
  prompt.parts.insert(prompt.parts.end(), part, said.parts.end());
}

Result<void> check_final(std::span<const Message> messages) {
  if (messages.empty() || messages.back().role != "assistant")
    return fail(Fault::invalid, "only a last message of the assistant can be continued");
  if (!messages.back().tool_calls.empty())
    return fail(Fault::invalid, "the last message calls tools, so there is no text that could be continued");
  if (messages.size() == 1) return fail(Fault::invalid, "there is no message in front of the one to be continued");
  return {};
}

}  // namespace

ChatTemplate::ChatTemplate(Jinja jinja, const TemplateTraits& traits, ToolFormat tool_format)
    : jinja_(std::move(jinja)), traits_(traits), tool_format_(tool_format) {}

Result<ChatTemplate> ChatTemplate::parse(const std::string& source, std::string bos_token, std::string eos_token) {
  auto jinja = Jinja::parse(source, std::move(bos_token), std::move(eos_token));
  if (!jinja) return std::unexpected(jinja.error());
  TemplateTraits traits = traits_of(*jinja);
  if (!traits.text) return fail(Fault::invalid, "the model's chat template drops the user's words");
  const ToolFormat written = tool_format_of(source);
  // Calls in a form that answers cannot be read in are of no use.
  traits.tools &= written != ToolFormat::generic;
  return ChatTemplate(std::move(*jinja), traits, traits.tools ? written : ToolFormat::generic);
}

Result<Prompt> ChatTemplate::render(std::span<const Message> messages, const RenderOptions& options) const {
  if (!options.continue_final) return render_all(messages, options);
  if (auto checked = check_final(messages); !checked) return std::unexpected(checked.error());
  PromptMarks marks(tokens_);
  auto said = marks.restore(marks.protect_message(messages.back()));
  if (!said) return said;
  if (said->parts.empty()) return fail(Fault::invalid, "the last message has no text that could be continued");
  auto prompt = render_all(messages.first(messages.size() - 1), options);
  if (prompt) go_on(*prompt, std::move(*said));
  return prompt;
}

// Where the template loses pictures of tools, they are shown by the user.
Result<Prompt> ChatTemplate::render_all(std::span<const Message> messages, const RenderOptions& options) const {
  auto prompt = render_text(messages, options);
  const bool from_tool = std::ranges::any_of(
      messages, [](const Message& message) { return message.role == "tool" && has_picture(message); });
  if (prompt || !from_tool) return prompt;
  auto again = render_text(with_pictures_behind_results(messages), options);
  return again ? std::move(again) : std::move(prompt);
}

Result<Prompt> ChatTemplate::render_text(std::span<const Message> messages, const RenderOptions& options) const {
  PromptMarks marks(tokens_);
  std::size_t fields = 0;
  auto turns = turns_of(messages, marks, fields);
  if (!turns) return std::unexpected(turns.error());
  auto tools = tools_json(options.tools, marks, fields);
  if (!tools) return std::unexpected(tools.error());
  const auto variables = variables_json(options.template_args, marks, fields);
  if (!variables) return std::unexpected(variables.error());
  if (!traits_.tools) turns = in_generic_form(std::move(*turns), std::exchange(*tools, Json()));
  std::string refusal;
  for (const std::vector<Turn>& way : arrangements(*turns, traits_)) {
    try {
      return marks.restore(jinja_.render(messages_json(way, traits_), *tools, *variables));
    } catch (const std::exception& error) {
      if (refusal.empty()) refusal = marks.in_words(said_by(error));
    }
  }
  return fail(Fault::invalid, std::format("the model's chat template refuses these messages: {}", refusal));
}

}  // namespace fovea::llama
