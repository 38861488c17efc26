#include "report/csv.h"

#include <gtest/gtest.h>

#include <vector>

namespace fovea {
namespace {

std::string line(const std::vector<std::string>& cells) { return csv_line(cells); }

TEST(Csv, CellsAreQuotedWhereTheyHaveTo) {
  EXPECT_EQ(line({"a", "b c", "", "1.5"}), "a,b c,,1.5\r\n");
  EXPECT_EQ(line({"a,b", "say \"no\"", "two\nlines", "\r"}), "\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",\"\r\"\r\n");
  EXPECT_EQ(line({}), "\r\n");
}

}  // namespace
}  // namespace fovea
