// Runs are kept by name before they are put in order, so that the order does not depend on which of them are
// packed. The archive is unpacked once to learn names and once more to read runs: some tenths of a second,
// and no memory between.
#include "bench/finished_runs.h"

#include <algorithm>
#include <format>
#include <map>
#include <system_error>
#include <utility>

#include "bench/raw_archive.h"

namespace fovea {

namespace {

namespace fs = std::filesystem;

// The plain files by name. A folder that is not there has none.
Result<std::map<std::string, fs::path>> plain_files(const fs::path& folder) {
  std::map<std::string, fs::path> files;
  std::error_code error;
  if (!fs::exists(folder, error)) return files;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".jsonl") files.emplace(entry->path().filename().string(), entry->path());
  }
  if (error) return fail(Fault::unavailable, std::format("{}: {}", folder.string(), error.message()));
  return files;
}

// As read_raw_archive, but a report need not have an archive.
Result<void> read_archive_if_any(const fs::path& archive, const TakeFile& take) {
  if (std::error_code ignored; !fs::exists(archive, ignored)) return {};
  return read_raw_archive(archive, take);
}

}  // namespace

fs::path raw_folder(const fs::path& report) { return report / "raw"; }

fs::path raw_archive(const fs::path& report) { return report / "raw.tar.xz"; }

Result<std::set<std::string>> finished_run_names(const fs::path& report) {
  const auto plain = plain_files(raw_folder(report));
  if (!plain) return std::unexpected(plain.error());
  std::set<std::string> names;
  for (const auto& [name, path] : *plain) names.insert(name);
  const auto read = read_archive_if_any(raw_archive(report), [&](const std::string& name, const std::string&) {
    names.insert(name);
    return Result<void>();
  });
  if (!read) return std::unexpected(read.error());
  return names;
}

Result<std::vector<BenchRun>> read_finished_runs(const fs::path& report) {
  const auto plain = plain_files(raw_folder(report));
  if (!plain) return std::unexpected(plain.error());
  std::map<std::string, BenchRun> by_name;  // so that the order does not depend on where a run lies
  for (const auto& [name, path] : *plain) {
    auto run = read_bench_run(path);
    if (!run) return std::unexpected(run.error());
    by_name.emplace(name, std::move(*run));
  }
  const fs::path archive = raw_archive(report);
  const auto read = read_archive_if_any(archive, [&](const std::string& name, std::string bytes) -> Result<void> {
    if (plain->contains(name)) return {};
    auto run = read_bench_run(TraceSource::of(std::move(bytes), std::format("{}: {}", archive.string(), name)));
    if (!run) return std::unexpected(run.error());
    by_name.emplace(name, std::move(*run));
    return {};
  });
  if (!read) return std::unexpected(read.error());
  if (by_name.empty())
    return fail(Fault::not_found,
                std::format("{}: has no finished runs, in its folder raw or in its raw.tar.xz", report.string()));
  std::vector<BenchRun> runs;
  for (auto& [name, run] : by_name) runs.push_back(std::move(run));
  std::ranges::stable_sort(runs, {}, [](const BenchRun& run) { return run.head.started; });
  return runs;
}

}  // namespace fovea
