// gnuplot, run as a program of its own and without a shell: plots need no library.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea::app {

// The terminal that draws files named like `path`: "svg" or "pngcairo". Faults: unsupported (another ending).
Result<std::string> gnuplot_terminal(const std::filesystem::path& path);

// Whether draw() to `path` can work, asked before hours of replay. Faults: unavailable (no gnuplot; the
// sentence says how to install it), invalid (`path` is a folder, or in one that is not there or cannot be
// written to).
Result<void> check_drawing(const std::filesystem::path& path);

// Writes to `path` what `script` draws on its standard output. A file that was there stays as it was unless
// all went well. Faults: unavailable (no gnuplot, or `path` cannot be written), internal (gnuplot failed; it
// has said why on standard error).
Result<void> draw(std::string_view script, const std::filesystem::path& path);

}  // namespace fovea::app
