// A field that is there and has another type is refused: a line that is read by halves would be counted as a
// request that nobody asked. Numbers of other ranges are refused as well, since they index vectors later on.
#include "audit/log/entry/audit_entry.h"

#include <charconv>
#include <format>
#include <limits>

#include "audit/audit_line.h"
#include "audit/log/client_name.h"
#include "audit/log/content/prompt_parts.h"
#include "audit/log/entry/audit_words.h"

namespace fovea {

namespace {

constexpr std::size_t name_bytes_max = 256;

// Reads the fields of one object, and remembers the first that is wrong.
class EntryFields {
 public:
  explicit EntryFields(const JsonFields& fields) : fields_(fields) {}

  template <typename T>
  std::optional<T> number(std::string_view name) {
    Json value;
    if (!find(name, value)) return std::nullopt;
    double number = 0;
    const bool fits = value.get_double().get(number) == simdjson::SUCCESS && number >= 0 &&
                      number <= static_cast<double>(std::numeric_limits<T>::max());
    return fits ? std::optional(static_cast<T>(number)) : wrong<T>(name);
  }
  std::optional<std::uint64_t> hash(std::string_view name) {
    Json value;
    if (!find(name, value)) return std::nullopt;
    const auto hash = hash_of(value);
    return hash ? hash : wrong<std::uint64_t>(name);
  }
  std::uint64_t needed_hash(std::string_view name) {
    const auto found = hash(name);
    if (!found) wrong<std::uint64_t>(name);
    return found.value_or(0);
  }
  // Appends the hashes of a list; returns how many.
  std::uint32_t hashes(std::string_view name, std::uint32_t count_max, std::vector<std::uint64_t>& into) {
    Json value;
    if (!find(name, value)) return 0;
    JsonList list;
    std::uint32_t count = 0;
    if (value.get_array().get(list) != simdjson::SUCCESS) return wrong<std::uint32_t>(name), 0;
    for (const Json element : list) {
      const auto hash = hash_of(element);
      if (!hash || count == count_max) return wrong<std::uint32_t>(name), count;
      into.push_back(*hash);
      ++count;
    }
    return count;
  }
  std::string_view text(std::string_view name) {
    Json value;
    if (!find(name, value)) return {};
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS || text.size() > name_bytes_max) wrong<int>(name);
    return text.size() > name_bytes_max ? std::string_view() : text;
  }
  bool truth(std::string_view name) {
    Json value;
    bool truth = false;
    if (find(name, value) && value.get_bool().get(truth) != simdjson::SUCCESS) wrong<int>(name);
    return truth;
  }
  template <typename Value, std::size_t size>
  Value word(std::string_view name, const std::array<std::string_view, size>& words, Value otherwise) {
    const std::string_view text = this->text(name);
    if (text.empty()) return otherwise;
    const auto value = of_audit_word<Value>(words, text);
    if (!value) wrong<int>(name);
    return value.value_or(otherwise);
  }

  Result<void> finished() const {
    if (wrong_.empty()) return {};
    return fail(Fault::invalid, std::format("its field {} is missing or has no value that it can have", wrong_));
  }

 private:
  bool find(std::string_view name, Json& value) const { return fields_.at_key(name).get(value) == simdjson::SUCCESS; }
  template <typename T>
  std::optional<T> wrong(std::string_view name) {
    if (wrong_.empty()) wrong_ = name;
    return std::nullopt;
  }
  static std::optional<std::uint64_t> hash_of(const Json& value) {
    std::string_view digits;
    std::uint64_t hash = 0;
    if (value.get_string().get(digits) != simdjson::SUCCESS || digits.size() != 16) return std::nullopt;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), hash, 16);
    return error == std::errc() && end == digits.data() + digits.size() ? std::optional(hash) : std::nullopt;
  }

  const JsonFields& fields_;
  std::string wrong_;
};

Format format_named(std::string_view name) {
  for (int i = 1; i <= static_cast<int>(Format::psd); ++i) {
    if (to_string(static_cast<Format>(i)) == name) return static_cast<Format>(i);
  }
  return Format::none;
}

Result<void> read_picture(const JsonFields& fields, const AuditedPart& part, AuditedRequest& request) {
  EntryFields entry(fields);
  AuditedPicture picture{.source_hash = part.hash,
                         .by_url = entry.truth("by_url"),
                         .detail = entry.word("detail", picture_detail_words, PictureDetail::none),
                         .format = format_named(entry.text("format")),
                         .bytes = part.bytes,
                         .width = entry.number<std::uint32_t>("width").value_or(0),
                         .height = entry.number<std::uint32_t>("height").value_or(0),
                         .image_hash = entry.hash("image"),
                         .look = entry.hash("look")};
  picture.tiles_begin = static_cast<std::uint32_t>(request.tile_hashes.size());
  picture.tiles = entry.hashes("tiles", tile_hashes_max, request.tile_hashes);
  request.pictures.push_back(picture);
  return entry.finished();
}

Result<void> read_part(const JsonFields& fields, AuditedRequest& request) {
  EntryFields entry(fields);
  AuditedPart part{.kind = entry.word("kind", part_kind_words, PartKind::text),
                   .role = entry.word("role", part_role_words, PartRole::user),
                   .variables = entry.number<std::uint8_t>("variables").value_or(0),
                   .message = entry.number<std::uint32_t>("message").value_or(0),
                   .bytes = entry.number<std::uint32_t>("bytes").value_or(0),
                   .hash = entry.needed_hash("hash")};
  part.masked_hash = entry.hash("masked").value_or(part.hash);
  part.variable_at = std::min(entry.number<std::uint32_t>("variable_at").value_or(part.bytes), part.bytes);
  part.prefixes_begin = static_cast<std::uint32_t>(request.prefix_hashes.size());
  part.prefixes = entry.hashes("prefixes", prefix_hashes_max, request.prefix_hashes);
  const auto picture = json_object(fields, "picture");
  if (picture.has_value() != (part.kind == PartKind::image))
    return fail(Fault::invalid, "it has a picture in a part that is none, or none in one that is");
  if (picture) part.picture = static_cast<std::uint32_t>(request.pictures.size());
  request.parts.push_back(part);
  if (const auto read = entry.finished(); !read || !picture) return read;
  return read_picture(*picture, part, request);
}

}  // namespace

Result<void> read_audit_entry(const JsonFields& fields, AuditedRequest& request) {
  const auto version = json_number(fields, "fovea_audit");
  if (!version) return fail(Fault::invalid, "no line that fovea serve --audit wrote: it has no fovea_audit");
  if (*version != audit_line_version)
    return fail(Fault::invalid,
                std::format("it is of version {}, and this program reads version {}", *version, audit_line_version));
  EntryFields entry(fields);
  request.time_ms = entry.number<double>("time_ms");
  request.client = client_name(entry.text("client"));
  request.route = client_name(entry.text("route"));
  request.model = client_name(entry.text("model"));
  request.settings_hash = entry.hash("settings").value_or(0);
  request.deterministic = entry.truth("deterministic");
  request.status = entry.number<std::uint16_t>("status").value_or(0);
  request.prompt_tokens = entry.number<std::uint32_t>("prompt_tokens");
  request.cached_tokens = entry.number<std::uint32_t>("cached_tokens");
  request.answer_tokens = entry.number<std::uint32_t>("answer_tokens");
  request.duration_ms = entry.number<double>("duration_ms");
  request.first_token_ms = entry.number<double>("first_token_ms");
  if (auto read = entry.finished(); !read) return read;
  const auto parts = json_list(fields, "parts");
  if (!parts) return fail(Fault::invalid, "it has no parts");
  for (const Json element : *parts) {
    JsonFields part;
    if (request.parts.size() >= parts_max || request.pictures.size() >= pictures_max)
      return fail(Fault::too_large, "it has too many parts");
    if (element.get_object().get(part) != simdjson::SUCCESS) return fail(Fault::invalid, "a part of it is no object");
    if (auto read = read_part(part, request); !read) return read;
  }
  return {};
}

}  // namespace fovea
