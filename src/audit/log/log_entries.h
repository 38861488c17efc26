// LogEntries: the entries of a log, one after another: lines, or the elements of a JSON list.
//
// Only a window of the log is in memory, as long as its longest entry. Not thread-safe. The source must
// outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/result.h"
#include "trace/trace_source.h"

namespace fovea {

// An entry that is longer is passed over: the largest body that a server takes by default.
inline constexpr std::size_t entry_bytes_max = 64 << 20;

struct LogEntry {
  std::string_view text;  // valid until the next one is asked for; empty if it is too long
  bool too_long = false;
};

class LogEntries {
 public:
  explicit LogEntries(TraceSource& source) : source_(source) {}
  virtual ~LogEntries() = default;
  LogEntries(const LogEntries&) = delete;
  LogEntries& operator=(const LogEntries&) = delete;

  // The next one; nullopt at the end. Faults: unavailable, invalid (the list breaks off).
  virtual Result<std::optional<LogEntry>> next() = 0;
  // Where the last one is, for people: "log.jsonl:17", or "log.har: entry 17".
  virtual std::string place() const = 0;
  double fraction_read() const { return source_.fraction_read(); }

 protected:
  TraceSource& source_;
  std::uint64_t number_ = 0;  // of the last one, from 1
  std::size_t taken_ = 0;     // its bytes, which are consumed before the next one
};

// Lines, without their ends. The last one may have none.
class LogLines final : public LogEntries {
 public:
  using LogEntries::LogEntries;
  Result<std::optional<LogEntry>> next() override;
  std::string place() const override;
};

// The elements of a list in a JSON document, as they are written.
class JsonItems final : public LogEntries {
 public:
  // Where the list is: the document itself, or the field "entries" of an object in it, as in HAR files.
  enum class List : std::uint8_t { document, entries };

  JsonItems(TraceSource& source, List list) : LogEntries(source), list_(list) {}
  Result<std::optional<LogEntry>> next() override;
  std::string place() const override;

 private:
  Result<bool> find_list();
  Result<bool> skip_to_item();

  const List list_;
  bool in_list_ = false, ended_ = false;
};

}  // namespace fovea
