// Json: any JSON value, with members in their order. It is for other servers' answers, whose unknown members
// are passed on. Plain values; the functions are pure and thread-safe.
#pragma once

#include <glaze/json/generic.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace fovea {

// Whole numbers keep all their digits: a seed or an id may be too large for a double.
using Json = glz::generic_json<glz::num_mode::u64>;

// The value of `text`; nullopt if it is not JSON to its last character. Hostile text is safe: depth is
// bounded.
std::optional<Json> parse_json(std::string_view text);
std::string to_text(const Json& json);

// The member `name`; nullptr if `json` is no object, or the member is absent or null. Servers mean the same
// by all three.
const Json* member(const Json& json, std::string_view name);
// The same if it is a text, or a list; nullptr if it is not.
const std::string* text_member(const Json& json, std::string_view name);
const Json::array_t* list_member(const Json& json, std::string_view name);

}  // namespace fovea
