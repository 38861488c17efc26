#include "report/page.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(PageAsCsv, CellsArePlain) {
  EXPECT_EQ(csv(Table{"t", "", {"a", "b,c"}, {{"`x`", "[y](https://z.example)"}}}), "a,\"b,c\"\r\nx,y\r\n");
}

}  // namespace
}  // namespace fovea
