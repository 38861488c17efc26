// TraceRows: what a row's fields mean, what absent ones default to, and messages that are safe to print.
#include "trace/trace_row.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

class TraceRowsTest : public testing::Test {
 protected:
  // The message of the error that `row` gives; empty where it is added.
  std::string error_of(const TraceRow& row) {
    const auto added = rows.add(row);
    return added ? "" : added.error().message;
  }
  Trace trace() { return std::move(builder).finish(); }

  TraceBuilder builder{"rows"};
  TraceRows rows{builder};
};

TEST_F(TraceRowsTest, AbsentFieldsHaveTheirDefaults) {
  EXPECT_EQ(error_of({.key = "a", .size = "10"}), "");
  const Trace made = trace();
  ASSERT_EQ(made.lookups.size(), 1u);
  EXPECT_EQ(made.lookups[0].size, 10u);
  EXPECT_EQ(made.lookups[0].cost_ms, 1);
  EXPECT_EQ(made.lookups[0].importance, 0.5F);
  EXPECT_EQ(made.lookups[0].level, TraceLevel::embedding);
  EXPECT_EQ(made.lookups[0].related, no_related);
}

TEST_F(TraceRowsTest, SuccessiveRowsOfOneTextAreOneRequest) {
  for (const std::string_view request : {"r", "r", "", "", "s", "r"})
    EXPECT_EQ(error_of({.key = "a", .size = "1", .request = request}), "");
  std::vector<std::uint32_t> requests;
  for (const Lookup& lookup : trace().lookups) requests.push_back(lookup.request);
  EXPECT_EQ(requests, (std::vector<std::uint32_t>{0, 0, 1, 2, 3, 4}));
}

TEST_F(TraceRowsTest, RelatesAResponseToAnEmbeddingOfItsTenant) {
  EXPECT_EQ(error_of({.tenant = "ann", .key = "q", .level = "response", .size = "1", .related = "cat"}), "");
  EXPECT_EQ(error_of({.tenant = "bob", .key = "cat", .size = "1"}), "");
  EXPECT_EQ(error_of({.tenant = "ann", .key = "cat", .size = "1"}), "");
  const Trace made = trace();
  EXPECT_NE(made.lookups[0].related, made.lookups[1].key);
  EXPECT_EQ(made.lookups[0].related, made.lookups[2].key);
}

TEST_F(TraceRowsTest, AnErrorNamesTheFieldAndShowsItsTextSafely) {
  EXPECT_EQ(error_of({.key = "", .size = "1"}), "the key is missing");
  EXPECT_EQ(error_of({.key = "a"}), "the size is missing");
  EXPECT_EQ(error_of({.key = "a", .level = "L1", .size = "1"}),
            "level: 'L1' is unknown; write embedding, prefix or response");
  EXPECT_EQ(error_of({.key = "a", .size = "ten\x1b[31m"}), "size: 'ten?[31m' is not a number");
  EXPECT_EQ(error_of({.key = "a", .size = std::string(50, 'x')}),
            "size: '" + std::string(40, 'x') + "...' is not a number");
  EXPECT_TRUE(trace().lookups.empty()) << "a row with an error is not added";
}

}  // namespace
}  // namespace fovea
