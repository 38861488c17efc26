// Every field is framed, so that two different requests never build the same bytes. The kind of each part of
// a prompt is a field too: the same characters as plain text and as a control token are two prompts. Options
// are taken apart by name: one that is added to them does not compile until somebody decides about it here.
#include "pipeline/levels/keys.h"

namespace fovea {

namespace {

// Without tools that may be called, the other fields of ToolUse change nothing.
void add_tools(KeyBuilder& key, const ToolUse& use) {
  const auto& [tools, choice, named, parallel] = use;
  key.field(static_cast<std::uint64_t>(use.wanted() ? tools.size() : 0));
  if (!use.wanted()) return;
  for (const auto& [name, description, parameters, strict] : tools) {
    key.field(std::string_view(name)).field(std::string_view(description));
    key.field(std::string_view(parameters)).field(strict);
  }
  key.field(static_cast<std::uint64_t>(choice)).field(std::string_view(named)).field(parallel);
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
  const auto& [temperature, top_p, top_k, min_p, seed, max_tokens, stop, frequency_penalty, presence_penalty,
               logit_bias, json_schema, tools] = options;
  key.field(temperature).field(top_p).field(top_k).field(min_p);
  key.field(seed.has_value());
  if (seed) key.field(*seed);
  key.field(max_tokens).field(static_cast<std::uint64_t>(stop.size()));
  for (const std::string& text : stop) key.field(std::string_view(text));
  key.field(frequency_penalty).field(presence_penalty);
  key.field(static_cast<std::uint64_t>(logit_bias.size()));
  for (const auto& [token, bias] : logit_bias) key.field(token).field(bias);
  key.field(json_schema.has_value());
  if (json_schema) key.field(std::string_view(*json_schema));
  add_tools(key, tools);
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
