// The file is opened for appending, and one request's lines go out in one write(2): the kernel then keeps
// them together, also beside another process that appends. A short write ends the log, since nothing may
// follow half a line.
#include "pipeline/request_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <format>

#include "trace/trace_line.h"

namespace fovea {

namespace {

// Whole microseconds: what lies below is noise, and long to read.
double rounded(double ms) { return std::round(ms * 1000) / 1000; }

std::string_view name_of(CacheLevel level) {
  constexpr std::string_view names[] = {"embedding", "prefix", "response"};
  return names[static_cast<std::size_t>(level)];
}

std::string lines_of(const RequestReport& report, const TraceLine& shared) {
  const auto first_embedding = std::ranges::find(report.lookups, CacheLevel::embedding, &LookupReport::level);
  std::string lines;
  for (const LookupReport& lookup : report.lookups) {
    TraceLine line = shared;
    line.key = lookup.key.hex();
    line.level = name_of(lookup.level);
    line.size = lookup.size;
    line.cost = rounded(lookup.cost_ms);
    line.outcome = to_string(lookup.outcome);
    if (lookup.outcome == Outcome::hit) line.tier = to_string(lookup.found_in);
    line.importance = lookup.importance;
    if (report.frames && report.frames->tiles_near > 0) line.approximate = true;
    if (lookup.level == CacheLevel::response && first_embedding != report.lookups.end())
      line.related = first_embedding->key.hex();
    lines += to_jsonl(line);
  }
  return lines;
}

}  // namespace

Result<std::unique_ptr<RequestLog>> RequestLog::open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(Fault::invalid,
                std::format("{}: the request log cannot be written: {}", file.string(), std::strerror(errno)));
  }
  return std::unique_ptr<RequestLog>(new RequestLog(file, descriptor));
}

RequestLog::RequestLog(std::filesystem::path file, int descriptor)
    : file_(std::move(file)), opened_ms_(unix_time_ms()), descriptor_(descriptor) {}

RequestLog::~RequestLog() {
  MutexLock lock(mutex_);
  close();
}

void RequestLog::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

Result<void> RequestLog::add(std::string_view tenant, const RequestReport& report) {
  if (report.lookups.empty()) return {};
  MutexLock lock(mutex_);
  if (descriptor_ < 0) return {};
  // Nobody else has it: neither another process nor an earlier log of this one.
  const std::string request = std::format("{:.0f}-{}-{}", opened_ms_ * 1000, getpid(), ++requests_);
  const std::string lines =
      lines_of(report, {.time = rounded(opened_ms_ + since_open_.elapsed_ms()), .tenant = tenant, .request = request});
  const ssize_t written = ::write(descriptor_, lines.data(), lines.size());
  if (written == static_cast<ssize_t>(lines.size())) return {};
  const std::string why = written < 0 ? std::strerror(errno) : "the disk is full";
  close();
  return fail(Fault::unavailable, std::format("{}: the request log ends here: {}", file_.string(), why));
}

}  // namespace fovea
