// A row may take several lines, since a quoted field may span them. The row's length is bounded, since a
// quote that is never closed would gather the whole file.
#include "trace/csv_reader.h"

#include <algorithm>
#include <format>
#include <vector>

#include "trace/csv_row.h"
#include "trace/trace_row.h"

namespace fovea {

namespace {

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
