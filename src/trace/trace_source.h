// TraceSource: the bytes of a trace, read piece by piece from a file, a pipe or memory.
//
// Traces are larger than what one wants in memory twice, and may come through a pipe (`zcat trace.csv.gz | fovea replay -`), so
// readers see a window that moves forward only. Not thread-safe. Views stay valid until the next call.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "base/owned.h"
#include "base/progress.h"
#include "fovea/result.h"

namespace fovea {

class TraceSource {
 public:
  static constexpr std::size_t line_bytes_max =
      1 << 16;  // a longer line is no trace; without a bound it would fill memory

  // The file `path`; "-" is standard input. Faults: not_found, invalid (a folder), unavailable (cannot be opened).
  static Result<TraceSource> open(const std::string& path);
  // `bytes`, which errors call `name`.
  static TraceSource of(std::string bytes, std::string name);

  // What errors call it.
  const std::string& name() const { return name_; }

  // The bytes that come next, at least one of them unless the source has ended. Nothing is consumed. Faults: unavailable.
  Result<std::string_view> next();
  // As next(), but at least `bytes` of them unless the source ends before.
  Result<std::string_view> next(std::size_t bytes);
  // Goes forward by `bytes` of those that next() showed.
  void consume(std::size_t bytes) { start_ += bytes; }

  // Consumes one line and gives it without its end ("\n" or "\r\n"); nullopt at the end. Faults: unavailable, too_large.
  Result<std::optional<std::string_view>> line();
  // The number of the line that line() gave last, from 1.
  std::uint64_t line_number() const { return line_number_; }

  // Consumes everything. Faults: unavailable, too_large (over `bytes_max`).
  Result<std::string> rest(std::size_t bytes_max);

  // The part consumed or shown so far, 0 to 1; 0 where the size is not known.
  double fraction_read() const;

 private:
  TraceSource(std::string name, Owned<std::FILE, std::fclose> file, std::string bytes, std::uint64_t size)
      : name_(std::move(name)), file_(std::move(file)), window_(std::move(bytes)), size_(size) {}

  std::string name_;
  Owned<std::FILE, std::fclose> file_;  // none for bytes in memory
  std::string window_;                  // read, from start_ on not consumed
  std::size_t start_ = 0;
  std::uint64_t size_;      // of the file, where known
  std::uint64_t read_ = 0;  // bytes so far
  std::uint64_t line_number_ = 0;
};

}  // namespace fovea
