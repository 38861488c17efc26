#include "serve/relay/route_key.h"

#include "image/source.h"

namespace fovea::serve {

namespace {

Key named(std::string_view kind, std::string_view text) {
  return KeyBuilder("fovea/route-text/1").field(kind).field(text).finish();
}

// Nothing for an uploaded file: its bytes are known.
std::optional<Key> key_of(const ImageReference& image) {
  if (const Blob* bytes = std::get_if<Blob>(&image.from)) return source_key(bytes->bytes());
  if (const ImageUrl* address = std::get_if<ImageUrl>(&image.from)) return named("address", address->url);
  return std::nullopt;
}

bool is_from_user(const Json& message) {
  std::string_view role;
  return message["role"].get_string().get(role) == simdjson::SUCCESS && role == "user";
}

std::optional<Key> beginning_of(const Json& conversation) {
  std::string_view text;
  if (conversation.get_string().get(text) == simdjson::SUCCESS) return named("conversation", text);
  simdjson::dom::array messages;
  if (conversation.get_array().get(messages) != simdjson::SUCCESS || messages.size() == 0) return std::nullopt;
  KeyBuilder key("fovea/route-text/1");
  key.field(std::string_view("messages"));
  for (const Json message : messages) {
    key.field(std::string_view(simdjson::minify(message)));
    if (is_from_user(message)) break;
  }
  return key.finish();
}

}  // namespace

std::optional<Key> route_key(RelayedApi api, const JsonObject& body, const std::vector<ImageReference>& images) {
  if (!images.empty()) return key_of(images.front());
  std::string_view given;
  if (const auto key = body.find("prompt_cache_key"); key && key->get_string().get(given) == simdjson::SUCCESS)
    return named("prompt_cache_key", given);
  if (body.find("previous_response_id") || body.find("conversation")) return std::nullopt;
  const auto conversation = body.find(api == RelayedApi::responses ? "input" : "messages");
  return conversation ? beginning_of(*conversation) : std::nullopt;
}

}  // namespace fovea::serve
