// TraceRow: one look-up as the fields of a text file have it, and how it becomes a look-up of a trace.
//
// CSV and JSONL differ in how they find the fields, not in what the fields mean; that is said once, here.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "fovea/result.h"
#include "trace/trace_builder.h"

namespace fovea {

// A field that is empty is absent. Only key and size must be there.
struct TraceRow {
  std::string_view time;        // ms since anything; absent: the same as the look-up before
  std::string_view tenant;      // any text; absent: one tenant for all such
  std::string_view key;         // any text; the same text in another level or of another tenant is another key
  std::string_view level;       // embedding (the default), prefix or response
  std::string_view size;        // bytes
  std::string_view cost;        // ms; absent: 1
  std::string_view importance;  // 0 to 1; absent: 0.5
  std::string_view related;     // of a response: the key of its embedding
  std::string_view request;  // any text; look-ups in a row with the same belong together. Absent: a request of its own
};

struct TraceRowField {
  std::string_view name;
  std::string_view TraceRow::* field;
};

// The fields by the names they have in files.
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

  // Faults: invalid (the sentence names the field), too_large.
  Result<void> add(const TraceRow& row);

 private:
  TraceBuilder* builder_;
  std::string last_request_;
};

}  // namespace fovea
