// Such files have no settings: their questions are taken for deterministic ones, as `fovea replay` takes
// those of data sets. A row takes several lines where a quoted field has line ends.
#include "audit/log/question_csv.h"

#include <algorithm>
#include <array>
#include <format>
#include <vector>

#include "audit/log/client_name.h"
#include "audit/log/log_time.h"
#include "trace/csv_row.h"

namespace fovea {

namespace {

constexpr std::size_t row_bytes_max = 1 << 20;

enum class Column : std::uint8_t { none, picture, question, time, client, model };

struct ColumnName {
  std::string_view name;
  Column column;
};
constexpr auto column_names = std::to_array<ColumnName>({{"picture", Column::picture},
                                                         {"image", Column::picture},
                                                         {"image_path", Column::picture},
                                                         {"file", Column::picture},
                                                         {"filename", Column::picture},
                                                         {"question", Column::question},
                                                         {"prompt", Column::question},
                                                         {"text", Column::question},
                                                         {"time", Column::time},
                                                         {"timestamp", Column::time},
                                                         {"client", Column::client},
                                                         {"user", Column::client},
                                                         {"model", Column::model}});

Column column_named(std::string_view name) {
  if (name.starts_with("\xEF\xBB\xBF")) name.remove_prefix(3);  // a byte order mark, which spreadsheets write
  const auto* const found = std::ranges::find(column_names, name, &ColumnName::name);
  return found == column_names.end() ? Column::none : found->column;
}

// The columns of a header; of two that mean the same the first counts.
std::vector<Column> columns_of(const CsvRow& header) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < header.fields(); ++i) {
    const Column column = column_named(header.field(i));
    columns.push_back(std::ranges::contains(columns, column) ? Column::none : column);
  }
  return columns;
}

bool has_needed(const std::vector<Column>& columns) {
  return std::ranges::contains(columns, Column::picture) && std::ranges::contains(columns, Column::question);
}

Result<void> read_row(const CsvRow& row, const std::vector<Column>& columns, PictureReader& pictures,
                      AuditedRequest& request) {
  if (row.fields() != columns.size())
    return fail(Fault::invalid, std::format("{} fields where the header has {}", row.fields(), columns.size()));
  const auto field = [&](Column column) {
    const auto found = std::ranges::find(columns, column);
    return found == columns.end() ? std::string_view() : row.field(static_cast<std::size_t>(found - columns.begin()));
  };
  if (field(Column::picture).empty()) return fail(Fault::invalid, "it names no picture");
  const std::string_view time = field(Column::time);
  request.time_ms = time.empty() ? std::nullopt : unix_ms(time);
  if (!time.empty() && !request.time_ms)
    return fail(Fault::invalid, "its time is none: write 2026-11-30T05:00:00Z, or seconds since 1970");
  request.client = client_name(field(Column::client));
  request.model = client_name(field(Column::model));
  request.deterministic = true;
  pictures.add(field(Column::picture), PictureDetail::none, {}, request);
  add_text(field(Column::question), {}, request);
  return {};
}

}  // namespace

bool is_question_header(std::string_view line) {
  if (line.size() > row_bytes_max) return false;
  CsvRow row;
  return row.feed(line) && row.complete() && has_needed(columns_of(row));
}

Result<void> read_question_csv(TraceSource& source, LogRun& run) {
  LogLines lines(source);
  CsvRow row;
  std::vector<Column> columns;
  for (;;) {
    const auto line = lines.next();
    if (!line) return std::unexpected(line.error());
    if (!*line) break;
    if ((*line)->too_long || !row.feed((*line)->text) || row.unended_bytes() > row_bytes_max)
      return fail(Fault::invalid,
                  std::format("{}: a quote that is not closed, or not doubled inside quotes", lines.place()));
    if (!row.complete()) continue;
    if (columns.empty()) {
      columns = columns_of(row);
      if (!has_needed(columns))
        return fail(Fault::invalid, std::format("{}: the header must name the columns picture and question, and may "
                                                "name time, client and model",
                                                lines.place()));
    } else if (auto read = read_row(row, columns, run.pictures(), run.fresh()); !read) {
      run.refuse(lines.place(), read.error().message);
    } else {
      run.hand_out();
    }
    row.clear();
    run.report(lines.fraction_read());
  }
  if (!row.finish()) return fail(Fault::invalid, std::format("{}: the file ends inside quotes", lines.place()));
  return {};
}

}  // namespace fovea
