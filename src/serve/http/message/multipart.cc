// A body is split at its boundary lines; each part has header lines, an empty line, and its bytes. Ours,
// because no library of Debian's reads a form from memory into views: what there is copies each file.
#include "serve/http/message/multipart.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

#include "serve/http/message/equal_names.h"

namespace fovea::serve {

namespace {

constexpr std::size_t boundary_bytes_max = 70;        // RFC 2046, 5.1.1
constexpr std::size_t part_head_bytes_max = 8 << 10;  // a file name that no system has
constexpr std::string_view line_end = "\r\n";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The text in quotes that `rest` begins with, and what is behind it. Browsers write a quote as %22, and a
// line end as %0D%0A; others put a backslash before a quote. A backslash before anything else is one.
std::optional<std::string> quoted(std::string_view& rest) {
  std::string text;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const bool escaped = rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\');
    if (escaped) {
      text += rest[++i];
    } else if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return text;
    } else if (rest.substr(i, 3) == "%22") {
      text += '"';
      i += 2;
    } else {
      text += rest[i];
    }
  }
  return std::nullopt;
}

// A header's value with parameters: form-data; name="file"; filename="a.png".
struct Parametrized {
  std::string_view value;
  std::string_view parameters;

  explicit Parametrized(std::string_view text)
      : value(trimmed(text.substr(0, text.find(';')))),
        parameters(text.substr(std::min(text.size(), text.find(';')))) {}

  // nullopt where there is none of this name.
  std::optional<std::string> parameter(std::string_view name) const {
    std::string_view rest = parameters;
    while (!rest.empty()) {
      rest.remove_prefix(1);  // the semicolon
      const std::size_t equals = rest.find_first_of("=;");
      if (equals == std::string_view::npos) return std::nullopt;
      const std::string_view found = trimmed(rest.substr(0, equals));
      if (rest[equals] == ';') {
        rest.remove_prefix(equals);
        continue;
      }
      rest = trimmed(rest.substr(equals + 1));
      std::optional<std::string> text;
      if (rest.starts_with('"')) {
        text = quoted(rest);
        if (!text) return std::nullopt;
      } else {
        text = trimmed(rest.substr(0, rest.find(';')));
      }
      if (equal_names(found, name)) return text;
      rest.remove_prefix(std::min(rest.size(), rest.find(';')));
    }
    return std::nullopt;
  }
};

// The field that a part's header lines name; nullopt where they name none.
std::optional<FormField> field_of(std::string_view head) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find(line_end));
    head.remove_prefix(std::min(head.size(), line.size() + line_end.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !equal_names(line.substr(0, colon), "content-disposition")) continue;
    const Parametrized disposition(line.substr(colon + 1));
    auto name = disposition.parameter("name");
    if (!equal_names(disposition.value, "form-data") || !name) return std::nullopt;
    return FormField{std::move(*name), disposition.parameter("filename").value_or(""), {}};
  }
  return std::nullopt;
}

// One part, without the boundary lines around it: header lines, an empty line, bytes.
std::optional<FormField> read_part(std::string_view part) {
  constexpr std::string_view head_end = "\r\n\r\n";
  const std::size_t end = part.substr(0, part_head_bytes_max).find(head_end);
  if (end == std::string_view::npos) return std::nullopt;
  auto field = field_of(part.substr(0, end));
  if (field) field->bytes = part.substr(end + head_end.size());
  return field;
}

// What separates parts: a line end, two dashes and the boundary. Empty where `content_type` has none.
std::string delimiter_of(std::string_view content_type) {
  const Parametrized type(content_type);
  if (!equal_names(type.value, "multipart/form-data")) return {};
  const auto boundary = type.parameter("boundary");
  if (!boundary || boundary->empty() || boundary->size() > boundary_bytes_max) return {};
  return "\r\n--" + *boundary;
}

}  // namespace

std::vector<FormField> read_multipart(std::string_view content_type, std::string_view body) {
  const std::string delimiter = delimiter_of(content_type);
  if (delimiter.empty()) return {};
  // The first boundary line may begin the body, without a line end before it.
  const std::string_view first = std::string_view(delimiter).substr(line_end.size());
  const std::boyer_moore_horspool_searcher searcher(delimiter.begin(), delimiter.end());
  const auto next = [&](std::string_view text) {
    return static_cast<std::size_t>(std::search(text.begin(), text.end(), searcher) - text.begin());
  };
  if (!body.starts_with(first)) body.remove_prefix(std::min(body.size(), next(body) + line_end.size()));
  if (!body.starts_with(first)) return {};
  body.remove_prefix(first.size());
  std::vector<FormField> fields;
  while (!body.starts_with("--")) {
    while (body.starts_with(' ') || body.starts_with('\t')) body.remove_prefix(1);
    if (!body.starts_with(line_end) || fields.size() == form_fields_max) return {};
    body.remove_prefix(line_end.size());
    const std::size_t end = next(body);
    if (end == body.size()) return {};
    auto field = read_part(body.substr(0, end));
    if (!field) return {};
    fields.push_back(std::move(*field));
    body.remove_prefix(end + delimiter.size());
  }
  return fields;
}

}  // namespace fovea::serve
