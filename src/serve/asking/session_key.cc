#include "serve/asking/session_key.h"

#include <algorithm>
#include <string>

namespace fovea::serve {

namespace {

// Of a name, and of all texts together. More would take longer than finding a stored answer, and
// conversations that begin with the same 4 KB follow each other well enough.
constexpr std::size_t root_bytes_max = 4096;

// What tells apart where conversations began.
std::string root_of(std::span<const Message> messages) {
  std::string root;
  for (const Message& message : messages) {
    root += message.role;
    for (const PromptPart& part : message.parts) {
      const auto* text = std::get_if<std::string>(&part);
      root += text != nullptr ? std::string_view(*text).substr(0, root_bytes_max) : std::string_view("\1");
      if (root.size() >= root_bytes_max) return root.substr(0, root_bytes_max);
    }
    root += '\0';
  }
  return root;
}

}  // namespace

Key session_key(std::string_view tenant, std::string_view name, std::span<const Message> messages) {
  KeyBuilder key("fovea/session/1");
  key.field(tenant).field(!name.empty());
  if (!name.empty()) return key.field(name.substr(0, root_bytes_max)).finish();
  const auto asked = std::ranges::find(messages, "user", &Message::role);
  const bool goes_on = std::ranges::contains(asked, messages.end(), "assistant", &Message::role);
  const auto end = asked - messages.begin() + (goes_on && asked != messages.end() ? 1 : 0);
  return key.field(root_of(messages.first(static_cast<std::size_t>(end)))).finish();
}

std::optional<Key> camera_key(std::string_view tenant, std::string_view name) {
  if (name.empty()) return std::nullopt;
  return KeyBuilder("fovea/camera/1").field(tenant).field(name).finish();
}

}  // namespace fovea::serve
