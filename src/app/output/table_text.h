// table_text: a report's table for a terminal. A pure function.
#pragma once

#include <string>

#include "report/page.h"

namespace fovea::app {

// Columns as wide as their widest cell, numbers at their right ends, without the caption, and an empty line
// behind it. Empty for a table without rows.
std::string table_text(const Table& table);

}  // namespace fovea::app
