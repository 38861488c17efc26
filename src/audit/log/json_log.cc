// Each entry is parsed whole, and what it is of is the reader's business; here is what all formats of JSON
// share: lines or a list, what is no JSON, and the counts.
#include "audit/log/json_log.h"

#include <format>
#include <memory>

#include "audit/log/entry/audit_entry.h"
#include "audit/log/entry/entry_reader.h"
#include "audit/log/entry/har_entry.h"
#include "audit/log/entry/json_parser.h"
#include "audit/log/entry/litellm_entry.h"

namespace fovea {

namespace {

constexpr std::string_view white_space = " \t\r\n";

class JsonLog {
 public:
  JsonLog(LogFormat format, LogRun& run) : format_(format), run_(run), bodies_(run.pictures()) {}

  void take(const LogEntries& entries, const LogEntry& entry) {
    if (entry.too_long) return run_.refuse(entries.place(), too_long());
    if (entry.text.find_first_not_of(white_space) == std::string_view::npos) return;
    const auto fields = parser_.object(entry.text);
    if (!fields) return run_.refuse(entries.place(), fields.error().message);
    const auto read = read_fields(*fields);
    if (!read) return run_.refuse(entries.place(), read.error().message);
    *read ? run_.hand_out() : run_.pass_over();
  }

 private:
  static std::string too_long() { return std::format("it has more than {} MiB", entry_bytes_max >> 20); }

  Result<bool> read_fields(const JsonFields& fields) {
    AuditedRequest& request = run_.fresh();
    switch (format_) {
      case LogFormat::litellm:
        return read_litellm_entry(fields, run_.pictures(), request);
      case LogFormat::har:
        return read_har_entry(fields, bodies_, run_.pictures(), request);
      case LogFormat::audit:
        return read_audit_entry(fields, request).transform([] { return true; });
      default:
        return bodies_.read(fields, request);
    }
  }

  const LogFormat format_;
  LogRun& run_;
  EntryReader bodies_;
  JsonParser parser_;
};

// Whether the document is one list, as some programs export their logs.
Result<bool> is_list(TraceSource& source) {
  const auto ahead = source.next();
  if (!ahead) return std::unexpected(ahead.error());
  const std::size_t begin = ahead->find_first_not_of(white_space);
  return begin != std::string_view::npos && (*ahead)[begin] == '[';
}

}  // namespace

Result<void> read_json_log(TraceSource& source, LogFormat format, LogRun& run) {
  const auto list = is_list(source);
  if (!list) return std::unexpected(list.error());
  std::unique_ptr<LogEntries> entries;
  if (format == LogFormat::har)
    entries = std::make_unique<JsonItems>(source, JsonItems::List::entries);
  else if (*list)
    entries = std::make_unique<JsonItems>(source, JsonItems::List::document);
  else
    entries = std::make_unique<LogLines>(source);
  JsonLog log(format, run);
  for (;;) {
    const auto entry = entries->next();
    if (!entry) return std::unexpected(entry.error());
    if (!*entry) return {};
    log.take(*entries, **entry);
    run.report(entries->fraction_read());
  }
}

}  // namespace fovea
