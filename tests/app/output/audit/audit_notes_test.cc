#include "app/output/audit/audit_notes.h"

#include <gtest/gtest.h>

namespace fovea::app {
namespace {

TEST(AuditNotes, SayWhatWasNotRead) {
  const std::vector<LogSummary> logs = {{.requests = 90, .pictures = 50, .pictures_by_url = 4},
                                        {.requests = 8,
                                         .bad_entries = 2,
                                         .first_bad = "b.jsonl:3: this is no JSON",
                                         .other_entries = 1000,
                                         .pictures = 50,
                                         .undecoded = 6,
                                         .undecodable = 1}};
  EXPECT_EQ(audit_notes(logs),
            (std::vector<std::string>{
                "2 of 100 entries are no requests and are left out; the first is b.jsonl:3: this is no JSON",
                "1,000 entries are something else than questions to a model, and are left out.",
                "4 of 100 pictures are known by their address alone, which was not asked: the same picture by two "
                "addresses counts as two.",
                "6 of 100 pictures were compared by their files alone.", "1 of 100 pictures could not be decoded."}));
}

TEST(AuditNotes, NothingWhereAllWasRead) {
  const std::vector<LogSummary> logs = {{.requests = 90, .pictures = 50}};
  EXPECT_TRUE(audit_notes(logs).empty());
}

}  // namespace
}  // namespace fovea::app
