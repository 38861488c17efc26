// A report as files: a page for browsers, one for GitHub, and the figures and tables of both.
//
// Stateless: several threads may write reports into different folders. Owns nothing.
#pragma once

#include <filesystem>
#include <string>

#include "fovea/result.h"
#include "report/page.h"

namespace fovea::app {

// Writes `page` into `folder`, which is made if it does not exist:
//   report.html                  needs no other file
//   README.md
//   results.json                 `json`, the main numbers for machines
//   figures/NAME.svg and .csv    of each figure
//   tables/NAME.csv              of each table
// The same page gives the same files, byte for byte. No file is ever incomplete. Without gnuplot the pages
// show numbers instead of figures.
// Faults: invalid (the folder cannot be written to, or a name is not allowed), unavailable (a file cannot be
// written), internal (gnuplot failed and has said why on standard error).
Result<void> write_report(const Page& page, const std::string& json, const std::filesystem::path& folder);

}  // namespace fovea::app
