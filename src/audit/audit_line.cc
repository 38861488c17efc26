// The line is written field by field, and not by a library: its form is fixed, a hash has a form of its own,
// and a server writes one for each request. What has its default is left out, so that a short request is a
// short line.
#include "audit/audit_line.h"

#include <array>
#include <charconv>
#include <format>
#include <iterator>
#include <span>
#include <string_view>

#include "audit/log/entry/audit_words.h"

namespace fovea {

namespace {

// Appends the fields of one object.
class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }

  template <typename T>
  void number(std::string_view name, T value) {
    begin(name);
    std::format_to(std::back_inserter(out_), "{}", value);
  }
  // In full, as short as it can be read again.
  void number(std::string_view name, double value) {
    std::array<char, 400> digits{};  // of the largest one
    const auto end = std::to_chars(digits.begin(), digits.end(), value, std::chars_format::fixed).ptr;
    begin(name);
    out_.append(digits.begin(), end);
  }
  template <typename T>
  void number(std::string_view name, const std::optional<T>& value) {
    if (value) number(name, *value);
  }
  void truth(std::string_view name, bool value) {
    if (value) number(name, true);
  }
  void hash(std::string_view name, std::uint64_t value) {
    begin(name);
    add_hash(value);
  }
  void hashes(std::string_view name, std::span<const std::uint64_t> values) {
    if (values.empty()) return;
    begin(name);
    char before = '[';
    for (const std::uint64_t value : values) {
      out_ += before;
      add_hash(value);
      before = ',';
    }
    out_ += ']';
  }
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    begin(name);
    out_ += '"';
    for (const char c : value) add_escaped(c);
    out_ += '"';
  }
  // What is appended next is the value of this field.
  void begin(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    std::format_to(std::back_inserter(out_), "\"{}\":", name);
  }
  void end() { out_ += '}'; }

 private:
  void add_hash(std::uint64_t value) { std::format_to(std::back_inserter(out_), "\"{:016x}\"", value); }
  void add_escaped(char c) {
    if (static_cast<unsigned char>(c) < 0x20) {
      std::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      if (c == '"' || c == '\\') out_ += '\\';
      out_ += c;
    }
  }

  std::string& out_;
};

void add_picture(const AuditedPicture& picture, const AuditedRequest& request, std::string& out) {
  ObjectText object(out);
  object.truth("by_url", picture.by_url);
  if (picture.format != Format::none) object.text("format", to_string(picture.format));
  if (picture.detail != PictureDetail::none) object.text("detail", audit_word(picture.detail));
  if (picture.width > 0) object.number("width", picture.width);
  if (picture.height > 0) object.number("height", picture.height);
  if (picture.image_hash) object.hash("image", *picture.image_hash);
  if (picture.look) object.hash("look", *picture.look);
  object.hashes("tiles", std::span(request.tile_hashes).subspan(picture.tiles_begin, picture.tiles));
  object.end();
}

void add_part(const AuditedPart& part, const AuditedRequest& request, std::string& out) {
  ObjectText object(out);
  object.text("kind", audit_word(part.kind));
  object.text("role", audit_word(part.role));
  object.number("message", part.message);
  if (part.bytes > 0) object.number("bytes", part.bytes);
  object.hash("hash", part.hash);
  if (part.masked_hash != part.hash) object.hash("masked", part.masked_hash);
  if (part.variables != 0) object.number("variables", static_cast<unsigned>(part.variables));
  if (part.variable_at != part.bytes) object.number("variable_at", part.variable_at);
  object.hashes("prefixes", std::span(request.prefix_hashes).subspan(part.prefixes_begin, part.prefixes));
  if (part.picture != AuditedPart::no_picture) {
    object.begin("picture");
    add_picture(request.pictures[part.picture], request, out);
  }
  object.end();
}

}  // namespace

std::string audit_line(const AuditedRequest& request) {
  std::string out;
  ObjectText object(out);
  object.number("fovea_audit", audit_line_version);
  object.number("time_ms", request.time_ms);
  object.text("client", request.client);
  object.text("route", request.route);
  object.text("model", request.model);
  object.hash("settings", request.settings_hash);
  object.truth("deterministic", request.deterministic);
  if (request.status != 0) object.number("status", request.status);
  object.number("prompt_tokens", request.prompt_tokens);
  object.number("cached_tokens", request.cached_tokens);
  object.number("answer_tokens", request.answer_tokens);
  object.number("duration_ms", request.duration_ms);
  object.number("first_token_ms", request.first_token_ms);
  object.begin("parts");
  char before = '[';
  for (const AuditedPart& part : request.parts) {
    out += before;
    add_part(part, request, out);
    before = ',';
  }
  if (request.parts.empty()) out += '[';
  out += ']';
  object.end();
  return out + '\n';
}

}  // namespace fovea
