// The finished runs of a report: files in its folder raw, and files packed in raw.tar.xz beside that folder.
//
// One rule covers all cases: the plain files are read first, then those of the archive that have no plain
// file of the same name. So a report with one of the two works, an interrupted bench goes on beside an
// archive, and no run counts twice. Stateless functions; thread-safe.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "bench/raw_results.h"
#include "fovea/result.h"

namespace fovea {

// The folder of the plain files, and the archive, of the report in the folder `report`.
std::filesystem::path raw_folder(const std::filesystem::path& report);
std::filesystem::path raw_archive(const std::filesystem::path& report);

// The names of the finished runs of `report`, such as paper-42-96edea7d.jsonl; empty where there are none.
// Faults: those of read_raw_archive, but for not_found; unavailable (the folder cannot be listed).
Result<std::set<std::string>> finished_run_names(const std::filesystem::path& report);

// The finished runs of `report`, in the order in which they were begun. Faults: as above; those of
// read_bench_run; not_found (there are none).
Result<std::vector<BenchRun>> read_finished_runs(const std::filesystem::path& report);

}  // namespace fovea
