#include "app/output/table_text.h"

#include <gtest/gtest.h>

namespace fovea::app {
namespace {

TEST(TableText, NumbersEndTogetherAndNamesBeginTogether) {
  const Table table{.name = "t",
                    .caption = "not shown",
                    .head = {"what", "how many", "why"},
                    .rows = {{"9 lives", "1,000", "so"}, {"a", "7", "because"}, {"b", "-", ""}}};
  EXPECT_EQ(table_text(table),
            "  what     how many  why\n"
            "  9 lives     1,000  so\n"
            "  a               7  because\n"
            "  b               -\n\n");
}

TEST(TableText, NoRowsNoText) { EXPECT_EQ(table_text({.head = {"what"}}), ""); }

}  // namespace
}  // namespace fovea::app
