// fovea audit: what of a log's work was done before, what a cache would have saved, and what keeps it from
// being found. Flags are in app/flags/audit_flags.h.
//
// All that can be wrong in the flags is checked before the first log is read, which may take minutes.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <format>
#include <memory>
#include <print>
#include <string>
#include <vector>

#include "app/flags/audit_flags.h"
#include "app/output/audit/audit_json.h"
#include "app/output/audit/audit_notes.h"
#include "app/output/audit/audit_text.h"
#include "app/output/bench_report.h"
#include "app/terminal/progress_bar.h"
#include "app/verbs.h"
#include "audit/audit.h"
#include "audit/read_log.h"
#include "audit/report/audit_page.h"

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* footer =
    "Reads what was asked of any server, and says what of it had been computed before. Nothing of the requests'\n"
    "content is printed or written: counts, times, and the names of clients, routes and models.\n\n"
    "  fovea audit samples/audit/chat.jsonl              requests as sent to OpenAI's or Anthropic's API, one a line\n"
    "  fovea audit proxy.jsonl vllm.log session.har      LiteLLM's log, vLLM's, what a browser recorded\n"
    "  fovea audit samples/audit/questions               a folder of pictures with a CSV of questions about them\n"
    "  fovea audit log.jsonl --profile h100 --cache 8GiB,64GiB --price-hour 2.5 --report out\n\n"
    "Where there is no log, listen in between for a day: this changes nothing, and records hashes, sizes and times.\n\n"
    "  fovea serve --upstream http://localhost:8000/v1 --response-cache 0 --audit traffic/\n"
    "  fovea audit traffic/\n\n"
    "docs/audit.md says what each number is, and how sure it is.\n\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage or no log.";

Result<std::vector<LogSummary>> read_logs(const AuditFlags& flags, const LogOptions& options, Audit& audit) {
  std::vector<LogSummary> logs;
  ProgressBar bar("Reading");
  const auto files = static_cast<double>(flags.logs.size());
  for (const std::string& path : flags.logs) {
    const auto done = static_cast<double>(logs.size());
    auto log = read_log(
        path, options, [&](const AuditedRequest& request) { audit.see(request); },
        [&](double part) { bar.update((done + part) / files); });
    if (!log) return std::unexpected(log.error());
    logs.push_back(std::move(*log));
  }
  return logs;
}

Result<void> print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) == EOF || std::fflush(stdout) != 0)
    return fail(Fault::unavailable, std::format("the result cannot be written: {}", std::strerror(errno)));
  return {};
}

Result<void> check_folder(const std::string& folder) {
  if (folder.empty()) return {};
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Fault::invalid, std::format("--report: {}: {}", folder, error.message()));
  return {};
}

Result<void> audit_logs(const AuditFlags& flags) {
  const auto options = log_options(flags);
  if (!options) return std::unexpected(options.error());
  auto settings = audit_settings(flags);
  if (!settings) return std::unexpected(settings.error());
  if (auto checked = check_folder(flags.report); !checked) return checked;
  Audit audit(std::move(*settings));
  const auto logs = read_logs(flags, *options, audit);
  if (!logs) return std::unexpected(logs.error());
  AuditFindings findings;
  {
    ProgressBar bar("Replaying");
    findings = std::move(audit).findings([&](double part) { bar.update(part); });
  }
  const std::vector<std::string> notes = audit_notes(*logs);
  const std::string json = audit_json(findings, *logs);
  if (auto printed = print(flags.json ? json : audit_text(findings, notes)); !printed) return printed;
  if (flags.report.empty()) return {};
  if (auto written = write_report(audit_page(findings, notes), json, flags.report); !written) return written;
  std::println(stderr, "fovea: the report is {}", (fs::path(flags.report) / "report.html").string());
  return {};
}

int run(const AuditFlags& flags) {
  const auto done = audit_logs(flags);
  if (done) return 0;
  std::println(stderr, "fovea: {}", done.error().message);
  const Fault fault = done.error().fault;
  return fault == Fault::invalid || fault == Fault::not_found || fault == Fault::unsupported ? 2 : 1;
}

}  // namespace

void add_audit(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<AuditFlags>();
  CLI::App& audit = *app.add_subcommand("audit", "Say what of a log's work was done before, and what that costs");
  audit.footer(footer);
  add_audit_flags(audit, *flags);
  audit.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
