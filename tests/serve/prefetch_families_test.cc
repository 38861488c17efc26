#include "serve/prefetch_families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace fovea::serve {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(PrefetchFamilies, EachNumberIsThere) {
  const PrefetchCounts counts{.issued = 11,
                              .used = 5,
                              .late = 2,
                              .wasted = 3,
                              .dropped = 7,
                              .tried = 9,
                              .waited = 4,
                              .bytes = 1000,
                              .used_bytes = 600,
                              .wasted_bytes = 300};
  const std::string page = prometheus::TextSerializer().Serialize(prefetch_families(counts));
  for (const char* line :
       {"fovea_prefetch_issued_total 11\n", "fovea_prefetch_used_total 5\n", "fovea_prefetch_late_total 2\n",
        "fovea_prefetch_wasted_total 3\n", "fovea_prefetch_dropped_total 7\n", "fovea_prefetch_tried_total 9\n",
        "fovea_prefetch_waited_total 4\n", "fovea_prefetch_bytes_total 1000\n",
        "fovea_prefetch_wasted_bytes_total 300\n"})
    EXPECT_THAT(page, HasSubstr(line));
}

TEST(PrefetchFamilies, WhereNothingIsMovedThereIsNoNumber) {
  EXPECT_THAT(prometheus::TextSerializer().Serialize(prefetch_families(std::nullopt)), Not(HasSubstr("_total 0")));
}

}  // namespace
}  // namespace fovea::serve
