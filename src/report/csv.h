// CSV as RFC 4180 has it, which spreadsheets and data frames read. Pure functions.
#pragma once

#include <span>
#include <string>

namespace fovea {

// One line with its end; a cell that holds a comma, a quote or a line's end is quoted.
std::string csv_line(std::span<const std::string> cells);

}  // namespace fovea
