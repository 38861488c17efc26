#include "trace/jsonl_reader.h"

#include <format>
#include <glaze/glaze.hpp>

#include "trace/lenient_json.h"
#include "trace/trace_row.h"

namespace fovea {

namespace json {  // glaze reads the names of fields, which needs a type with external linkage

// The fields of TraceRow, each as the line spells it.
struct Row {
  glz::raw_json_view time, tenant, key, level, size, cost, importance, related, request;
};

}  // namespace json

namespace {

Result<void> add_line(const std::string& line, TraceRows& rows) {
  json::Row read;
  if (const auto error = glz::read<lenient_json>(read, line)) {
    return fail(Fault::invalid, std::format("not a JSON object: {}", glz::format_error(error)));
  }
  bool valid = true;
  const TraceRow row{.time = raw_text(read.time.str, valid),
                     .tenant = raw_text(read.tenant.str, valid),
                     .key = raw_text(read.key.str, valid),
                     .level = raw_text(read.level.str, valid),
                     .size = raw_text(read.size.str, valid),
                     .cost = raw_text(read.cost.str, valid),
                     .importance = raw_text(read.importance.str, valid),
                     .related = raw_text(read.related.str, valid),
                     .request = raw_text(read.request.str, valid)};
  if (!valid) return fail(Fault::invalid, "a field is an object or a list; fields are texts and numbers");
  return rows.add(row);
}

}  // namespace

Result<void> read_jsonl(TraceSource& source, TraceBuilder& builder, const Progress& progress) {
  TraceRows rows(builder);
  std::string text;  // glaze needs a terminated buffer
  for (;;) {
    const auto line = source.line();
    if (!line) return std::unexpected(line.error());
    if (!*line) return {};
    if ((*line)->find_first_not_of(" \t") == std::string_view::npos) continue;
    text.assign(**line);
    if (const auto added = add_line(text, rows); !added) {
      return fail(added.error().fault,
                  std::format("{}:{}: {}", source.name(), source.line_number(), added.error().message));
    }
    if (source.line_number() % 4096 == 0) report_progress(progress, source.fraction_read());
  }
}

}  // namespace fovea
