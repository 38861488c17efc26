// CSV by RFC 4180, which spreadsheets and data frames read. Pure functions; thread-safe.
#pragma once

#include <span>
#include <string>

namespace fovea {

// One line with its line end. A cell that has a comma, a quote or a line end is quoted.
std::string csv_line(std::span<const std::string> cells);

}  // namespace fovea
