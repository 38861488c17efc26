#include "app/output/table_text.h"

#include <algorithm>
#include <cctype>
#include <format>
#include <string_view>
#include <vector>

namespace fovea::app {

namespace {

bool is_number(std::string_view cell) {
  return cell.empty() || cell == "-" || std::isdigit(static_cast<unsigned char>(cell.front())) != 0;
}

// Whether a column has numbers only. The first one has names.
bool is_right(const Table& table, std::size_t column) {
  return column > 0 && std::ranges::all_of(table.rows, [&](const auto& row) { return is_number(row[column]); });
}

}  // namespace

std::string table_text(const Table& table) {
  if (table.rows.empty()) return {};
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < table.head.size(); ++column) {
    std::size_t width = table.head[column].size();
    for (const auto& row : table.rows) width = std::max(width, row[column].size());
    widths.push_back(width);
  }
  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    std::string line = " ";
    for (std::size_t column = 0; column < row.size(); ++column)
      line += is_right(table, column) ? std::format(" {:>{}} ", row[column], widths[column])
                                      : std::format(" {:<{}} ", row[column], widths[column]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  add(table.head);
  for (const auto& row : table.rows) add(row);
  return text + '\n';
}

}  // namespace fovea::app
