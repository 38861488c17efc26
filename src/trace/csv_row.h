// CsvRow: the fields of one row of comma-separated values (RFC 4180), parsed by libcsv a line at a time.
//
// A quoted field may span lines, so a row may take several: feed() until complete(). Not thread-safe.
#pragma once

#include <csv.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace fovea {

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
  std::string text_;  // the fields, one after another; libcsv calls back with each
  std::vector<std::size_t> ends_;
  bool complete_ = false;
  std::size_t unended_bytes_ = 0;
};

}  // namespace fovea
