// A report as files: a page for the browser, one for GitHub, and the figures and numbers that both show.
//
// Stateless; several threads may write reports into different folders. Owns nothing.
#pragma once

#include <filesystem>
#include <string>

#include "fovea/result.h"
#include "report/page.h"

namespace fovea::app {

// Writes `page` into `folder`, which is made if needed: report.html, which needs no other file; README.md;
// `json`, the main numbers for machines, as results.json; of each figure figures/NAME.svg and .csv; of each
// table tables/NAME.csv. The same page gives the same files, byte for byte. Each file is written beside its
// place and renamed: none is ever half. Where gnuplot is not installed, the pages show numbers instead of
// figures. Faults: invalid (the folder cannot be written to, or a name is not allowed), unavailable (a file
// cannot be written), internal (gnuplot failed; it has said why on standard error).
Result<void> write_report(const Page& page, const std::string& json, const std::filesystem::path& folder);

}  // namespace fovea::app
