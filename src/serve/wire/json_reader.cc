// One simdjson parser a thread is used again for each request: its buffers are the cost of parsing a small
// body. So a document is valid until the thread parses the next one. Large buffers leave with the request
// that needed them (JsonScope): there are many threads, and each would keep those of its largest request.
#include "serve/wire/json_reader.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <limits>
#include <vector>

#include "serve/wire/json_scope.h"

namespace fovea::serve {

namespace {

constexpr std::size_t depth_max = 64;  // a JSON Schema of 32 levels, in a message, in a request
// A thread's parser keeps its buffers up to this size, which fits a request with a large photograph.
constexpr std::size_t kept_bytes_max = 1 << 20;

thread_local simdjson::dom::parser parser;
thread_local std::string_view padded_body;  // of the JsonScope; may be parsed where it lies

void drop_large_buffers() {
  if (parser.capacity() > kept_bytes_max) parser = simdjson::dom::parser();
}

std::string_view kind_of(const Json& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "a list";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a text";
    case simdjson::dom::element_type::BOOL:
      return "true or false";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

// 1.0 is a whole number: clients write it whose language has one kind of number.
std::optional<std::int64_t> whole_of(const Json& value) {
  constexpr double above_all = 0x1p63;
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS || std::trunc(number) != number) return std::nullopt;
  if (number >= above_all) return std::numeric_limits<std::int64_t>::max();
  return number < -above_all ? std::numeric_limits<std::int64_t>::min() : static_cast<std::int64_t>(number);
}

std::unexpected<Refusal> wrong_type(std::string where, std::string_view wanted, const Json& value) {
  const std::string message =
      std::format("{} must be {}, not {}", where.empty() ? "the request" : where, wanted, kind_of(value));
  return refuse(std::move(where), message, "invalid_type");
}

// In words of our own: simdjson's are about its parser.
std::string wrong_with_json(simdjson::error_code error) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return std::format("it is nested more than {} levels deep", depth_max);
    case simdjson::STRING_ERROR:
      return "a text in it has an escape (\\) that JSON does not have";
    case simdjson::UNCLOSED_STRING:
      return "a text in it has no closing quote";
    case simdjson::UNESCAPED_CHARS:
      return "a text in it has a control character, such as a line break, that is not escaped";
    case simdjson::UTF8_ERROR:
      return "it is not UTF-8";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return "it has a word without quotes that is not true, false or null";
    case simdjson::NUMBER_ERROR:
      return "it has a number that JSON does not have, such as .5, 01 or one out of all range";
    case simdjson::CAPACITY:
      return "it is too long";
    default:
      return "a comma, a colon, a quote or a bracket is missing, or there is one too many";
  }
}

std::unexpected<Refusal> no_memory() {
  return std::unexpected(Refusal{500, "no memory to read the request", {}, "internal"});
}

}  // namespace

Parsed<JsonObject> JsonObject::of(const Json& value, std::string where) {
  simdjson::dom::object fields;
  if (value.get_object().get(fields) != simdjson::SUCCESS) return wrong_type(std::move(where), "an object", value);
  std::vector<std::string_view> names;
  for (const auto [name, unused] : fields) names.push_back(name);
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    // Another reader of the same request might take the other one.
    const std::string path = where.empty() ? std::string(*twice) : std::format("{}.{}", where, *twice);
    return refuse(path, path + " is there twice", "invalid_json");
  }
  return JsonObject(fields, std::move(where));
}

std::string JsonObject::path(std::string_view name) const {
  return where_.empty() ? std::string(name) : std::format("{}.{}", where_, name);
}

std::optional<Json> JsonObject::find(std::string_view name) const {
  Json value;
  if (fields_.at_key(name).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

Parsed<std::optional<std::string_view>> JsonObject::text(std::string_view name) const {
  const auto value = find(name);
  if (!value) return std::nullopt;
  std::string_view text;
  if (value->get_string().get(text) != simdjson::SUCCESS) return wrong_type(path(name), "a text", *value);
  return text;
}

Parsed<std::optional<bool>> JsonObject::truth(std::string_view name) const {
  const auto value = find(name);
  if (!value) return std::nullopt;
  bool truth = false;
  if (value->get_bool().get(truth) != simdjson::SUCCESS) return wrong_type(path(name), "true or false", *value);
  return truth;
}

Parsed<std::optional<double>> JsonObject::number(std::string_view name, double low, double high) const {
  const auto value = find(name);
  if (!value) return std::nullopt;
  if (value->is_bigint()) return refuse(path(name), std::format("{} must be between {} and {}", path(name), low, high));
  double number = 0;
  if (value->get_double().get(number) != simdjson::SUCCESS) return wrong_type(path(name), "a number", *value);
  if (!(number >= low && number <= high))
    return refuse(path(name), std::format("{} must be between {} and {}, not {}", path(name), low, high, number));
  return number;
}

Parsed<std::optional<std::int64_t>> JsonObject::integer(std::string_view name, std::int64_t low,
                                                        std::int64_t high) const {
  const auto value = find(name);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const auto error = value->get_int64().get(number);
  if (error == simdjson::NUMBER_OUT_OF_RANGE || value->is_bigint())
    return refuse(path(name), std::format("{} must be between {} and {}", path(name), low, high));
  if (error != simdjson::SUCCESS) {
    const auto whole = whole_of(*value);
    if (value->is_double() && !whole)
      return refuse(path(name), path(name) + " must be a whole number, without a fraction", "invalid_type");
    if (!whole) return wrong_type(path(name), "a whole number", *value);
    number = *whole;
  }
  if (number < low || number > high)
    return refuse(path(name), std::format("{} must be between {} and {}, not {}", path(name), low, high, number));
  return number;
}

JsonScope::JsonScope(std::string_view body) { padded_body = body; }

JsonScope::~JsonScope() {
  padded_body = {};
  drop_large_buffers();
}

Parsed<JsonObject> parse_json(std::string_view body) {
  drop_large_buffers();
  if (body.empty()) body = "";  // a body without bytes may be at no address, which simdjson would copy from
  if (parser.max_depth() != depth_max && parser.allocate(parser.capacity(), depth_max) != simdjson::SUCCESS)
    return no_memory();
  parser.number_as_string(true);  // integers over 64 bits are no error: they may be in fields that nobody reads
  Json document;
  const bool is_padded = !body.empty() && body.data() == padded_body.data() && body.size() == padded_body.size();
  const auto error = parser.parse(body.data(), body.size(), !is_padded).get(document);
  if (error == simdjson::SUCCESS) return JsonObject::of(document, {});
  if (error == simdjson::MEMALLOC) return no_memory();
  if (error == simdjson::EMPTY) return refuse({}, "the request has no body: send a JSON object", "invalid_json");
  return refuse({}, std::format("the request's body is not valid JSON: {}", wrong_with_json(error)), "invalid_json");
}

}  // namespace fovea::serve
