// TraceRow: one look-up as the fields of a text file. TraceRows turns rows into look-ups of a trace.
//
// CSV and JSONL differ in how fields are found, not in what they mean, so the meaning is defined once, here.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "fovea/result.h"
#include "trace/trace_builder.h"

namespace fovea {

// An empty field is absent. Only key and size are required. A row without a request is a request of its own.
struct TraceRow {
  std::string_view time;        // ms since any start; absent: the time of the look-up before
  std::string_view tenant;      // any text; absent: one tenant for all rows without one
  std::string_view key;         // any text; equal texts of two levels or two tenants are two keys
  std::string_view level;       // embedding (the default), prefix or response
  std::string_view size;        // bytes
  std::string_view cost;        // ms; absent: 1
  std::string_view importance;  // 0 to 1; absent: 0.5
  std::string_view related;     // of a response: the key of its embedding
  std::string_view request;     // any text; successive rows with the same text are one request
};

struct TraceRowField {
  std::string_view name;
  std::string_view TraceRow::* field;
};

// The fields by their names in files.
constexpr std::array<TraceRowField, 9> trace_row_fields{{{"time", &TraceRow::time},
                                                         {"tenant", &TraceRow::tenant},
                                                         {"key", &TraceRow::key},
                                                         {"level", &TraceRow::level},
                                                         {"size", &TraceRow::size},
                                                         {"cost", &TraceRow::cost},
                                                         {"importance", &TraceRow::importance},
                                                         {"related", &TraceRow::related},
                                                         {"request", &TraceRow::request}}};

// Adds rows to a builder, one after another. Not thread-safe. The builder must outlive it.
class TraceRows {
 public:
  explicit TraceRows(TraceBuilder& builder) : builder_(&builder) {}

  // Adds one row. Faults: invalid (the message names the field), too_large.
  Result<void> add(const TraceRow& row);

 private:
  TraceBuilder* builder_;
  std::string last_request_;
};

}  // namespace fovea
