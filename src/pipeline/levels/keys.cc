// Every field is framed, so that two different requests never build the same bytes. The kind of each part of
// a prompt is a field too: the same characters as plain text and as a control token are two prompts.
#include "pipeline/levels/keys.h"

namespace fovea {

namespace {

// Without tools that may be called, the other fields of ToolUse change nothing.
void add_tools(KeyBuilder& key, const ToolUse& use) {
  key.field(static_cast<std::uint64_t>(use.wanted() ? use.tools.size() : 0));
  if (!use.wanted()) return;
  for (const Tool& tool : use.tools) {
    key.field(std::string_view(tool.name)).field(std::string_view(tool.description));
    key.field(std::string_view(tool.parameters)).field(tool.strict);
  }
  key.field(static_cast<std::uint64_t>(use.choice)).field(std::string_view(use.named)).field(use.parallel);
}

void add_parts(KeyBuilder& key, std::span<const PromptPart> parts, std::span<const Key> image_keys) {
  key.field(static_cast<std::uint64_t>(parts.size()));
  for (const PromptPart& part : parts) {
    key.field(static_cast<std::uint64_t>(part.index()));
    if (const auto* slot = std::get_if<ImageSlot>(&part))
      key.field(image_keys[slot->index]);
    else if (const auto* plain = std::get_if<PlainText>(&part))
      key.field(std::string_view(plain->text));
    else
      key.field(std::string_view(std::get<std::string>(part)));
  }
}

void add_options(KeyBuilder& key, const GenerateOptions& options) {
  key.field(options.temperature).field(options.top_p).field(options.top_k).field(options.min_p);
  key.field(options.seed.has_value());
  if (options.seed) key.field(*options.seed);
  key.field(options.max_tokens).field(static_cast<std::uint64_t>(options.stop.size()));
  for (const std::string& stop : options.stop) key.field(std::string_view(stop));
  key.field(options.frequency_penalty).field(options.presence_penalty);
  key.field(static_cast<std::uint64_t>(options.logit_bias.size()));
  for (const LogitBias& biased : options.logit_bias) key.field(biased.token).field(biased.bias);
  key.field(options.json_schema.has_value());
  if (options.json_schema) key.field(std::string_view(*options.json_schema));
  add_tools(key, options.tools);
}

}  // namespace

Key embedding_key(std::string_view scope, const Key& vision_fingerprint, const Key& tile_input) {
  return KeyBuilder("fovea/embedding/1").field(scope).field(vision_fingerprint).field(tile_input).finish();
}

Key tiling_key(std::string_view scope, const Key& vision_fingerprint, const Key& image_key) {
  return KeyBuilder("fovea/tiling/1").field(scope).field(vision_fingerprint).field(image_key).finish();
}

Key prefix_root(std::string_view scope, const VisionLanguageEngine& engine) {
  return KeyBuilder("fovea/prefix/1")
      .field(scope)
      .field(engine.vision_fingerprint())
      .field(engine.text_fingerprint())
      .finish();
}

Key response_key(std::string_view scope, const VisionLanguageEngine& engine, const Prompt& prompt,
                 std::span<const Key> image_keys, const GenerateOptions& options) {
  KeyBuilder key("fovea/response/3");
  key.field(scope).field(engine.vision_fingerprint()).field(engine.text_fingerprint());
  add_parts(key, prompt.parts, image_keys);
  add_options(key, options);
  return key.finish();
}

Key request_key(std::string_view scope, const VisionLanguageEngine& engine, const Request& request,
                std::span<const Key> image_keys) {
  KeyBuilder key("fovea/request/1");
  key.field(scope).field(engine.vision_fingerprint()).field(engine.text_fingerprint());
  key.field(request.continue_final).field(std::string_view(request.template_args));
  key.field(static_cast<std::uint64_t>(request.messages.size()));
  for (const Message& message : request.messages) {
    key.field(std::string_view(message.role));
    add_parts(key, message.parts, image_keys);
    key.field(static_cast<std::uint64_t>(message.tool_calls.size()));
    for (const ToolCall& call : message.tool_calls)
      key.field(std::string_view(call.id)).field(std::string_view(call.name)).field(std::string_view(call.arguments));
    key.field(std::string_view(message.tool_call_id));
  }
  add_options(key, request.options);
  return key.finish();
}

}  // namespace fovea
