// client_name, route_name, hashed_key: names out of logs that may be shown. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace fovea {

// The name of a client or a model as a report may show it: not too long, in one line, and never an API key:
// what looks like one is hashed.
std::string client_name(std::string_view written);

// What stands for an API key: "key:" and eight hexadecimal digits, the same for the same key. Empty for none.
// `authorization` may begin with "Bearer ".
std::string hashed_key(std::string_view authorization);

// The path of a URL, without what is behind it: queries may have keys.
std::string route_name(std::string_view url);

}  // namespace fovea
