// minja renders the template. Two kinds of templates exist: some print a message's content as a string,
// others walk it as a list of typed parts. parse() tries the first kind with a probe message, then the
// second. Images are found in the rendered text by their marker and counted, so that a template that drops or
// repeats one is an error and not a wrong answer.
#include "engine/llama/chat_template.h"

#include <cctype>
#include <exception>
#include <format>
#include <minja/minja.hpp>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

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

struct ChatTemplate::State {
  std::shared_ptr<minja::TemplateNode> root;
  std::string bos_token;
  std::string eos_token;
  // Whether the template walks a message's content as a list of typed parts.
  bool typed_content = false;

  std::string apply(const Json& messages) const {
    auto context = minja::Context::make(minja::Value(Json{{"messages", messages}, {"add_generation_prompt", true}}));
    context->set("bos_token", bos_token);
    context->set("eos_token", eos_token);
    add_filters(*context);
    return root->render(context);
  }

  Json content(const std::string& text) const {
    if (!typed_content) return text;
    return Json::array({Json{{"type", "text"}, {"text", text}}});
  }

  // Whether the text of a user's message comes out of the template.
  bool carries_text() const {
    constexpr std::string_view words = "fovea asks";
    try {
      return apply(Json::array({Json{{"role", "user"}, {"content", content(std::string(words))}}})).contains(words);
    } catch (const std::exception&) {
      return false;
    }
  }
};

namespace {

// The message's text with `marker` in place of each image; the images are appended to `images`.
std::string text_of(const Message& message, const std::string& marker, std::vector<ImageSlot>& images) {
  std::string text;
  for (const PromptPart& part : message.parts) {
    if (const auto* image = std::get_if<ImageSlot>(&part)) {
      text += marker;
      images.push_back(*image);
    } else {
      text += std::get<std::string>(part);
    }
  }
  return text;
}

// The inverse: `text` split at the markers, which stand for `images` in order. Fails unless there is one
// marker an image.
Result<Prompt> split_at_markers(std::string_view text, std::string_view marker, std::span<const ImageSlot> images) {
  Prompt prompt;
  std::size_t found = 0;
  for (;;) {
    const std::size_t at = text.find(marker);
    if (const auto before = text.substr(0, at); !before.empty()) prompt.parts.emplace_back(std::string(before));
    if (at == std::string_view::npos) break;
    if (found < images.size()) prompt.parts.emplace_back(images[found]);
    ++found;
    text.remove_prefix(at + marker.size());
  }
  if (found == images.size()) return prompt;
  return fail(
      Fault::invalid,
      std::format(
          "the model's chat template kept {} of the {} pictures in the messages: put pictures into user messages",
          found, images.size()));
}

}  // namespace

ChatTemplate::ChatTemplate(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

Result<ChatTemplate> ChatTemplate::parse(const std::string& source, std::string bos_token, std::string eos_token) {
  auto state = std::make_unique<State>();
  try {
    state->root =
        minja::Parser::parse(source, {.trim_blocks = true, .lstrip_blocks = true, .keep_trailing_newline = false});
  } catch (const std::exception& error) {
    return fail(Fault::invalid, std::format("the model's chat template cannot be read: {}", error.what()));
  }
  state->bos_token = std::move(bos_token);
  state->eos_token = std::move(eos_token);
  if (!state->carries_text()) {
    state->typed_content = true;
    if (!state->carries_text()) return fail(Fault::invalid, "the model's chat template drops the user's words");
  }
  return ChatTemplate(std::move(state));
}

Result<Prompt> ChatTemplate::render(std::span<const Message> messages, const std::string& marker) const {
  Json list = Json::array();
  std::vector<ImageSlot> images;
  for (const Message& message : messages) {
    list.push_back(Json{{"role", message.role}, {"content", state_->content(text_of(message, marker, images))}});
  }
  try {
    return split_at_markers(state_->apply(list), marker, images);
  } catch (const std::exception& error) {
    return fail(Fault::invalid, std::format("the model's chat template refuses these messages: {}", error.what()));
  }
}

}  // namespace fovea::llama
