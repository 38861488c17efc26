// RequestLog: records what each answered request looked up, as a trace that `fovea replay` reads.
//
// One line of JSON a look-up: keys, sizes, costs and importances, never an image, a question or an answer.
// The look-ups of a request are written by one system call, so that a reader sees all or none of them.
// Thread-safe. Owns its file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"
#include "fovea/result.h"
#include "pipeline/request_report.h"

namespace fovea {

class RequestLog {
 public:
  // Appends to `file`, which only its owner can read if it is made now. Faults: invalid when it cannot be
  // written.
  static Result<std::unique_ptr<RequestLog>> open(const std::filesystem::path& file);

  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  // Appends the look-ups of one request. Faults: unavailable when the file took less than all of it (a full
  // disk); nothing is written from then on, so that no line follows a broken one.
  Result<void> add(std::string_view tenant, const RequestReport& report);

 private:
  RequestLog(std::filesystem::path file, int descriptor);
  void close() FOVEA_REQUIRES(mutex_);

  const std::filesystem::path file_;
  const double opened_ms_;  // since 1970
  const Stopwatch since_open_;
  Mutex mutex_;  // held while writing: lines must lie in the file in the order of their times
  int descriptor_ FOVEA_GUARDED_BY(mutex_);  // -1 after a failure
  std::uint64_t requests_ FOVEA_GUARDED_BY(mutex_) = 0;
};

}  // namespace fovea
