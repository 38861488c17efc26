// gnuplot, run as a program and without a shell: plots need no library. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea::app {

// The terminal that draws a file with the ending of `path`: "svg" or "pngcairo". Faults: unsupported (another
// ending).
Result<std::string> gnuplot_terminal(const std::filesystem::path& path);

// Whether draw() to `path` can work, checked before hours of replay. Faults: unavailable (no gnuplot; the
// sentence says how to install it), invalid (`path` is a folder, or its folder does not exist or cannot be
// written to).
Result<void> check_drawing(const std::filesystem::path& path);

// Writes to `path` what `script` draws on its standard output. An existing file changes only on success.
// Faults: unavailable (no gnuplot, or `path` cannot be written), internal (gnuplot failed and has said why on
// standard error).
Result<void> draw(std::string_view script, const std::filesystem::path& path);

}  // namespace fovea::app
