// libcsv parses the quoting; this file gives it one line at a time and gathers the fields that it calls back
// with. A quoted field may span lines, so a row may take several. The row's length is bounded, since a quote
// that is never closed would gather the whole file.
#include "trace/csv_reader.h"

#include <csv.h>

#include <algorithm>
#include <format>
#include <vector>

#include "base/check.h"
#include "trace/trace_row.h"

namespace fovea {

namespace {

// The fields of one row, one after another in `text_`. libcsv calls back with each field and each end of a
// row.
class CsvRow {
 public:
  CsvRow() { check(csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) == 0, "libcsv starts"); }
  ~CsvRow() { csv_free(&parser_); }
  CsvRow(const CsvRow&) = delete;
  CsvRow& operator=(const CsvRow&) = delete;

  // Parses a line, given without its end. False where its quoting is wrong.
  bool feed(std::string_view line) {
    unended_bytes_ += line.size() + 1;
    return parse(line) && parse("\n");
  }
  // Whether the input may end here: every quote is closed.
  bool finish() { return csv_fini(&parser_, on_field, on_row, this) == 0; }

  // Whether a row is complete. Its fields then stay until clear().
  bool complete() const { return complete_; }
  std::size_t fields() const { return ends_.size(); }
  std::string_view field(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(text_).substr(begin, ends_[i] - begin);
  }
  // The length of a row whose end has not come yet; 0 where there is none.
  std::size_t unended_bytes() const { return complete_ ? 0 : unended_bytes_; }
  void clear() {
    text_.clear();
    ends_.clear();
    complete_ = false;
    unended_bytes_ = 0;
  }

 private:
  bool parse(std::string_view bytes) {
    return csv_parse(&parser_, bytes.data(), bytes.size(), on_field, on_row, this) == bytes.size();
  }
  static void on_field(void* bytes, std::size_t size, void* self) {
    auto& row = *static_cast<CsvRow*>(self);
    if (size > 0) row.text_.append(static_cast<const char*>(bytes), size);
    row.ends_.push_back(row.text_.size());
  }
  static void on_row(int, void* self) { static_cast<CsvRow*>(self)->complete_ = true; }

  csv_parser parser_{};
  std::string text_;
  std::vector<std::size_t> ends_;
  bool complete_ = false;
  std::size_t unended_bytes_ = 0;
};

// The field of TraceRow that each column is; null for columns of other names.
using Columns = std::vector<std::string_view TraceRow::*>;

Result<Columns> columns_of(const CsvRow& header) {
  Columns columns(header.fields(), nullptr);
  for (const auto& [name, field] : trace_row_fields) {
    for (std::size_t i = 0; i < header.fields(); ++i) {
      std::string_view cell = header.field(i);
      if (i == 0 && cell.starts_with("\xEF\xBB\xBF"))
        cell.remove_prefix(3);  // a byte order mark, which spreadsheets write
      if (cell != name) continue;
      if (std::ranges::find(columns, field) != columns.end())
        return fail(Fault::invalid, std::format("the column {} is there twice", name));
      columns[i] = field;
    }
  }
  for (const auto& [name, field] : {trace_row_fields[2], trace_row_fields[4]}) {
    if (std::ranges::find(columns, field) == columns.end()) {
      return fail(Fault::invalid,
                  std::format("the header has no column {}; it must name key and size, and may name time, tenant, "
                              "level, cost, importance, related and request",
                              name));
    }
  }
  return columns;
}

Result<void> add_row(const CsvRow& cells, const Columns& columns, TraceRows& rows) {
  if (cells.fields() != columns.size()) {
    return fail(Fault::invalid, std::format("{} fields where the header has {}", cells.fields(), columns.size()));
  }
  TraceRow row;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] != nullptr) row.*columns[i] = cells.field(i);
  }
  return rows.add(row);
}

}  // namespace

Result<void> read_csv(TraceSource& source, TraceBuilder& builder, const Progress& progress) {
  const auto failed = [&](const Error& error) {
    return fail(error.fault, std::format("{}:{}: {}", source.name(), source.line_number(), error.message));
  };
  CsvRow cells;
  Columns columns;
  TraceRows rows(builder);
  for (;;) {
    const auto line = source.line();
    if (!line) return std::unexpected(line.error());
    if (!*line) break;
    if (!cells.feed(**line) || cells.unended_bytes() > TraceSource::line_bytes_max)
      return failed({Fault::invalid, "a quote that is not closed, or not doubled inside quotes"});
    if (!cells.complete()) continue;
    if (columns.empty()) {
      auto header = columns_of(cells);
      if (!header) return failed(header.error());
      columns = std::move(*header);
    } else if (const auto added = add_row(cells, columns, rows); !added) {
      return failed(added.error());
    }
    cells.clear();
    if (source.line_number() % 4096 == 0) report_progress(progress, source.fraction_read());
  }
  if (!cells.finish()) return failed({Fault::invalid, "the file ends inside quotes"});
  if (columns.empty()) return failed({Fault::invalid, "no header line; it names the columns: key, size, ..."});
  return {};
}

}  // namespace fovea
