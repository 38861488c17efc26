// Which flags are among the words of a command line, before it is parsed. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class Option;
}

namespace fovea::app {

// The value of `flag` ("--config") among `args`, written as one word or as two; nullopt where it is absent.
std::optional<std::string> given_value(std::string_view flag, const std::vector<std::string>& args);

// Whether the option is among `args`, by any of its names.
bool is_given(const CLI::Option& option, const std::vector<std::string>& args);

}  // namespace fovea::app
