// The parser's buffers are the cost of parsing a short text, so they are used again; but not those of a long
// one, since they take up to fourteen times its bytes.
#include "audit/log/entry/json_parser.h"

#include <format>

namespace fovea {

namespace {

constexpr std::size_t kept_bytes_max = 4 << 20;

std::string_view wrong_with_json(simdjson::error_code error) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return "it is nested too deep";
    case simdjson::STRING_ERROR:
      return "a text in it has an escape (\\) that JSON does not have";
    case simdjson::UNCLOSED_STRING:
      return "a text in it has no closing quote: is the line cut off?";
    case simdjson::UNESCAPED_CHARS:
      return "a text in it has a control character that is not escaped";
    case simdjson::UTF8_ERROR:
      return "it is not UTF-8";
    case simdjson::MEMALLOC:
      return "there is no memory for it";
    default:
      return "a comma, a colon, a quote or a bracket is missing, or there is one too many";
  }
}

}  // namespace

Result<JsonFields> JsonParser::object(std::string_view text) {
  if (parser_.capacity() > kept_bytes_max) parser_ = simdjson::dom::parser();
  if (text.empty()) text = "";     // a text without bytes may be at no address
  parser_.number_as_string(true);  // integers over 64 bits are no error: they may be in fields that nobody reads
  auto error = simdjson::SUCCESS;
  if (parser_.max_depth() != json_depth_max) error = parser_.allocate(parser_.capacity(), json_depth_max);
  Json document;
  if (error == simdjson::SUCCESS) error = parser_.parse(text.data(), text.size()).get(document);
  if (error != simdjson::SUCCESS) return fail(Fault::invalid, std::format("it is no JSON: {}", wrong_with_json(error)));
  JsonFields fields;
  if (document.get_object().get(fields) != simdjson::SUCCESS) return fail(Fault::invalid, "it is no JSON object");
  return fields;
}

}  // namespace fovea
