#include "serve/audit_families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace fovea::serve {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(AuditFamilies, EachNumberIsThere) {
  const TrafficRecorded counts{.recorded = 11, .dropped = 2, .unread = 3, .unwritten = 4, .waiting = 5, .bytes = 1000};
  const std::string page = prometheus::TextSerializer().Serialize(audit_families(counts));
  for (const char* line :
       {"fovea_audit_requests_total{outcome=\"recorded\"} 11\n", "fovea_audit_requests_total{outcome=\"dropped\"} 2\n",
        "fovea_audit_requests_total{outcome=\"unread\"} 3\n", "fovea_audit_requests_total{outcome=\"unwritten\"} 4\n",
        "fovea_audit_requests_waiting 5\n", "fovea_audit_bytes 1000\n"})
    EXPECT_THAT(page, HasSubstr(line));
}

TEST(AuditFamilies, WhereNothingIsRecordedThereIsNoNumber) {
  EXPECT_THAT(prometheus::TextSerializer().Serialize(audit_families(std::nullopt)), Not(HasSubstr(" 0\n")));
}

}  // namespace
}  // namespace fovea::serve
