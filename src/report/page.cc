#include "report/page.h"

#include "report/csv.h"
#include "report/page_text.h"

namespace fovea {

namespace {

std::string line_of(const std::vector<std::string>& cells) {
  std::vector<std::string> plain;
  for (const std::string& cell : cells) plain.push_back(plain_text(cell));
  return csv_line(plain);
}

}  // namespace

std::string csv(const Table& table) {
  std::string text = line_of(table.head);
  for (const auto& row : table.rows) text += line_of(row);
  return text;
}

}  // namespace fovea
