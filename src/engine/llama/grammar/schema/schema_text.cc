#include "engine/llama/grammar/schema/schema_text.h"

#include <format>

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t schema_bytes_max = 64 << 10;  // a hundred times what people write
constexpr int nesting_max = 128;  // brackets of the text: three and a half for each schema in a schema

}  // namespace

Result<Json> parse_schema(std::string_view text) {
  if (text.size() > schema_bytes_max)
    return fail(Fault::too_large,
                std::format("the JSON schema has {} bytes: give at most {}", text.size(), schema_bytes_max));
  bool deep = false;
  const auto watch = [&deep](int depth, Json::parse_event_t, Json&) { return !(deep |= depth > nesting_max); };
  Json root = Json::parse(text, watch, false);
  if (deep)
    return fail(Fault::unsupported,
                std::format("the JSON schema has more than {} brackets one in the other: put parts of it into $defs",
                            nesting_max));
  if (root.is_discarded())
    return fail(Fault::invalid, "the JSON schema is no JSON: check its quotes, commas and brackets");
  if (!root.is_object())
    return fail(Fault::invalid, "the JSON schema is no object: give one like {\"type\":\"object\"}");
  return root;
}

}  // namespace fovea::llama
