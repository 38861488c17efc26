// A request's own variables are set last but never replace the template's. What minja lacks of the filters
// that published templates use is added here.
#include "engine/llama/template/jinja.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <exception>
#include <format>
#include <minja/minja.hpp>
#include <string_view>
#include <utility>

namespace fovea::llama {

namespace {

// What a request's own variables never replace. add_generation_prompt may be switched off.
constexpr std::array<std::string_view, 4> own_variables{"messages", "tools", "bos_token", "eos_token"};

// A filter of one text. Together, the filters that published templates use and minja lacks. `strftime_now`
// stays undefined: templates have a fixed date for that case, and with the real one no stored response would
// be found on another day.
minja::Value text_filter(const std::string& name, std::string (*transform)(std::string)) {
  return minja::simple_function(name, {"text"},
                                [transform](const std::shared_ptr<minja::Context>&, minja::Value& args) {
                                  return minja::Value(transform(args.at("text").get<std::string>()));
                                });
}

std::string capitalized(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    text[i] = static_cast<char>(i == 0 ? std::toupper(c) : std::tolower(c));
  }
  return text;
}

void add_filters(minja::Context& context) {
  context.set("capitalize", text_filter("capitalize", capitalized));
  context.set("first", minja::simple_function("first", {"items"},
                                              [](const std::shared_ptr<minja::Context>&, minja::Value& args) {
                                                minja::Value& items = args.at("items");
                                                return items.empty() ? minja::Value() : items.at(0);
                                              }));
}

}  // namespace

struct Jinja::State {
  std::shared_ptr<minja::TemplateNode> root;
  std::string bos_token;
  std::string eos_token;
};

Jinja::Jinja(std::unique_ptr<State> state) : state_(std::move(state)) {}
Jinja::Jinja(Jinja&&) noexcept = default;
Jinja& Jinja::operator=(Jinja&&) noexcept = default;
Jinja::~Jinja() = default;

Result<Jinja> Jinja::parse(const std::string& source, std::string bos_token, std::string eos_token) {
  auto state = std::make_unique<State>();
  try {
    state->root =
        minja::Parser::parse(source, {.trim_blocks = true, .lstrip_blocks = true, .keep_trailing_newline = false});
  } catch (const std::exception& error) {
    return fail(Fault::invalid, std::format("the model's chat template cannot be read: {}", error.what()));
  }
  state->bos_token = std::move(bos_token);
  state->eos_token = std::move(eos_token);
  return Jinja(std::move(state));
}

std::string Jinja::render(const Json& messages, const Json& tools, const Json& variables) const {
  const auto context =
      minja::Context::make(minja::Value(Json{{"messages", messages}, {"add_generation_prompt", true}}));
  context->set("bos_token", state_->bos_token);
  context->set("eos_token", state_->eos_token);
  if (!tools.is_null()) context->set("tools", minja::Value(tools));
  add_filters(*context);
  for (const auto& [name, value] : variables.items()) {
    if (!std::ranges::contains(own_variables, name)) context->set(name, minja::Value(value));
  }
  return state_->root->render(context);
}

}  // namespace fovea::llama
