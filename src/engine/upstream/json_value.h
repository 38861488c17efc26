// Json: any JSON value, members in the order they came. What other servers send has fields that nobody here knows, and
// they are passed on.
#pragma once

#include <glaze/json/generic.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace fovea {

// Whole numbers keep all their digits: a seed or a token's id may be beyond what a double holds.
using Json = glz::generic_json<glz::num_mode::u64>;

// The value that `text` is, to the last character; nullopt where it is none. Hostile text is safe: depth is bounded.
std::optional<Json> parse_json(std::string_view text);
std::string to_text(const Json& json);

// The member `name`, or nullptr where `json` is no object, or has none, or it is null: what servers mean by all three is
// the same.
const Json* member(const Json& json, std::string_view name);
// The text of that member; nullptr where it is none.
const std::string* text_member(const Json& json, std::string_view name);
const Json::array_t* list_member(const Json& json, std::string_view name);

}  // namespace fovea
