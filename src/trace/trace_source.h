// TraceSource: the bytes of a trace, read in pieces from a file, a pipe or memory.
//
// A trace may be too large to hold in memory twice, and may come through a pipe (`zcat trace.csv.gz | fovea
// replay -`). So readers see a window that only moves forward. Not thread-safe. A view stays valid until the
// next call. Owns its file.
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
  // A longer line is refused; without a bound, one line could fill the memory.
  static constexpr std::size_t line_bytes_max = 1 << 16;

  // The file `path`; "-" is standard input. Faults: not_found, invalid (a folder), unavailable (cannot be
  // opened).
  static Result<TraceSource> open(const std::string& path);
  // A source of `bytes`. Errors call it `name`.
  static TraceSource of(std::string bytes, std::string name);

  // The name that errors use.
  const std::string& name() const { return name_; }

  // The next bytes, at least one of them unless the source has ended. Nothing is consumed. Faults:
  // unavailable.
  Result<std::string_view> next();
  // The next bytes, at least `bytes` of them unless the source ends before. Nothing is consumed.
  Result<std::string_view> next(std::size_t bytes);
  // Consumes `bytes` of those that next() returned.
  void consume(std::size_t bytes) { start_ += bytes; }

  // Consumes one line and returns it without its end ("\n" or "\r\n"); nullopt at the end of the source.
  // Faults: unavailable, too_large.
  Result<std::optional<std::string_view>> line();
  // The number of the last line that line() returned, from 1.
  std::uint64_t line_number() const { return line_number_; }

  // Consumes and returns everything. Faults: unavailable, too_large (over `bytes_max`).
  Result<std::string> rest(std::size_t bytes_max);

  // How many bytes were read so far, consumed or not.
  std::uint64_t bytes_read() const { return read_; }
  // The part consumed so far, 0 to 1; 0 where the size is unknown.
  double fraction_read() const;

 private:
  TraceSource(std::string name, Owned<std::FILE, std::fclose> file, std::string bytes, std::uint64_t size)
      : name_(std::move(name)), file_(std::move(file)), window_(std::move(bytes)), size_(size) {}

  std::string name_;
  Owned<std::FILE, std::fclose> file_;  // null for bytes in memory
  std::string window_;                  // the bytes read; those before start_ are consumed
  std::size_t start_ = 0;
  std::uint64_t size_;      // of the file, where known
  std::uint64_t read_ = 0;  // bytes so far
  std::uint64_t line_number_ = 0;
};

}  // namespace fovea
