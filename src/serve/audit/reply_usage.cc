// A reply is content, and may be megabytes, so it is not parsed: only the objects named "usage" in its ends
// are. Inside a JSON text quotes are written \", so an answer cannot contain the bytes that are looked for.
//
// OpenAI counts cached tokens among those of the prompt. Anthropic counts them beside it: they are added
// here, so that a number means the same everywhere.
#include "serve/audit/reply_usage.h"

#include <cstddef>
#include <initializer_list>
#include <string>

#include "serve/wire/json_reader.h"

namespace fovea::serve {

namespace {

constexpr std::string_view name = "\"usage\"";
constexpr std::size_t object_bytes_max = 2048;      // several times what servers send
constexpr std::int64_t tokens_max = 1'000'000'000;  // more is no count of tokens

std::string_view after_space(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

// The object at the beginning of `text`; empty where it is none, or not whole. Its texts, if any, hold no
// braces that do not pair: usage is numbers.
std::string_view object_at(std::string_view text) {
  text = text.substr(0, object_bytes_max);
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && depth > 0) {
      --depth;
      if (depth == 0) return text.substr(0, i + 1);
    }
    if (depth == 0) return {};
  }
  return {};
}

std::optional<std::uint64_t> count_in(const JsonObject& object, std::initializer_list<std::string_view> names) {
  for (const std::string_view each : names) {
    const auto count = object.integer(each, 0, tokens_max);
    if (count && *count) return static_cast<std::uint64_t>(**count);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> cached_in(const JsonObject& usage) {
  for (const std::string_view details : {"prompt_tokens_details", "input_tokens_details"}) {
    const auto value = usage.find(details);
    if (!value) continue;
    if (const auto object = JsonObject::of(*value, {})) return count_in(*object, {"cached_tokens"});
  }
  return std::nullopt;
}

void take(std::string_view text, ReplyUsage& found) {
  const auto usage = parse_json(text);
  if (!usage) return;
  const auto read = count_in(*usage, {"cache_read_input_tokens"});
  const auto written = count_in(*usage, {"cache_creation_input_tokens"});
  if (auto prompt = count_in(*usage, {"prompt_tokens", "input_tokens"}))
    found.prompt_tokens = *prompt + read.value_or(0) + written.value_or(0);
  if (auto answer = count_in(*usage, {"completion_tokens", "output_tokens"})) found.answer_tokens = answer;
  if (auto cached = read ? read : cached_in(*usage)) found.cached_tokens = cached;
}

void take_all(std::string_view text, ReplyUsage& found) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name)) {
    text = after_space(text.substr(at + name.size()));
    if (!text.starts_with(':')) continue;
    take(object_at(after_space(text.substr(1))), found);
  }
}

}  // namespace

ReplyUsage reply_usage(std::string_view head, std::string_view tail) {
  ReplyUsage found;
  // An object may lie across both where nothing is between them; where something is, it is no JSON.
  take_all(std::string(head).append(tail), found);
  return found;
}

}  // namespace fovea::serve
