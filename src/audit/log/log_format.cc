// A log is recognised by its first bytes. JSON is told by the names of fields in its first line, or in the
// first part of one that is long; nothing is parsed yet. What is JSON and nothing else known is taken for
// requests, wherever they lie in it. The order of the checks matters: compressed files come first.
#include "audit/log/log_format.h"

#include <algorithm>
#include <array>
#include <format>
#include <utility>

#include "audit/log/question_csv.h"

namespace fovea {

namespace {

constexpr std::size_t head_bytes = 1 << 20;  // a vLLM server says a lot before its first request

constexpr std::array<std::string_view, 7> names = {"requests", "litellm", "vllm", "har", "csv", "questions", "audit"};

constexpr auto packed_files = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"\x1f\x8b", "zcat"}, {"\x28\xb5\x2f\xfd", "zstdcat"}, {"\xfd\x37zXZ", "xzcat"}});

// Whether `json` has a field `name` whose value begins with `begins`.
bool has_field(std::string_view json, std::string_view name, std::string_view begins = "") {
  const std::string quoted = std::format("\"{}\"", name);
  constexpr std::string_view space = " \t\r\n";
  for (std::size_t at = json.find(quoted); at != std::string_view::npos; at = json.find(quoted, at + 1)) {
    std::string_view after = json.substr(at + quoted.size());
    after.remove_prefix(std::min(after.find_first_not_of(space), after.size()));
    if (!after.starts_with(':')) continue;
    after.remove_prefix(1);
    after.remove_prefix(std::min(after.find_first_not_of(space), after.size()));
    if (after.starts_with(begins)) return true;
  }
  return false;
}

bool has_any(std::string_view json, std::initializer_list<std::string_view> fields) {
  return std::ranges::any_of(fields, [&](std::string_view name) { return has_field(json, name); });
}

LogFormat json_format(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\n'));
  if (has_field(line, "fovea_audit")) return LogFormat::audit;
  const std::string_view begin = head.substr(0, 4096);
  if (has_field(begin, "log", "{") && has_any(begin, {"version", "creator", "entries", "pages"})) return LogFormat::har;
  if (has_field(begin, "questions", "[")) return LogFormat::questions;
  const bool timed = has_any(head, {"startTime", "standard_logging_object"});
  if (timed && has_any(head, {"call_type", "custom_llm_provider", "model_map_information"})) return LogFormat::litellm;
  const bool pictured = has_any(line, {"image", "image_id"}) && has_any(line, {"question", "text"});
  if (pictured && !has_any(line, {"messages", "input", "prompt", "body", "request"})) return LogFormat::questions;
  return LogFormat::requests;
}

}  // namespace

std::string_view to_string(LogFormat format) { return names[static_cast<std::size_t>(format)]; }

std::optional<LogFormat> log_format(std::string_view name) {
  const auto* const found = std::ranges::find(names, name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<LogFormat>(found - names.begin()));
}

Result<LogFormat> recognise_log(TraceSource& source) {
  const auto ahead = source.next(head_bytes);
  if (!ahead) return std::unexpected(ahead.error());
  std::string_view head = ahead->substr(0, head_bytes);
  for (const auto& [first_bytes, unpacker] : packed_files) {
    if (!head.starts_with(first_bytes)) continue;
    return fail(Fault::unsupported, std::format("{0}: is compressed; unpack it on the way:  {1} <{0} | fovea audit -",
                                                source.name(), unpacker));
  }
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::size_t begin = head.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return fail(Fault::invalid, std::format("{}: is empty", source.name()));
  if (head[begin] == '{' || head[begin] == '[') return json_format(head.substr(begin));
  if (head.contains("Received request ") || head.contains("vLLM API server")) return LogFormat::vllm;
  const std::string_view line = head.substr(0, head.find('\n'));
  if (is_question_header(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line)) return LogFormat::csv;
  return fail(Fault::invalid, std::format("{}: {}", source.name(), what_is_read));
}

}  // namespace fovea
