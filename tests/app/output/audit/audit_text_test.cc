#include "app/output/audit/audit_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ranges>
#include <string_view>

#include "audit/report/example_findings.h"

namespace fovea::app {
namespace {

TEST(AuditText, IsAPageThatBeginsWithTheAnswer) {
  const std::string text = audit_text(test::example_findings());
  EXPECT_TRUE(text.starts_with("40 % of the work in this log was done before.\n")) << text;
  for (const char* part :
       {"What came again\n", "pictures, in the same file", "client", "(not told)", "without a bound", "4 GiB",
        "1 GiB and a disk of 64 GiB", "  1. client web, /v1/chat/completions, system prompt: 800 requests",
        "     -> Put it behind the picture.", "     Likely: Pictures were compressed again.",
        "  - Times are those of the profile.\n"})
    EXPECT_TRUE(text.contains(part)) << part << "\n" << text;
  EXPECT_LE(std::ranges::count(text, '\n'), 66) << text;
}

TEST(AuditText, LinesEndBeforeTheTerminalDoes) {
  AuditFindings findings = test::example_findings();
  std::string fix;
  for (int i = 0; i < 60; ++i) fix += "word ";
  findings.spoilers[0].fix = fix + std::string(150, 'x');
  const std::string text = audit_text(findings);
  for (const auto line : std::views::split(text, '\n')) {
    const std::string_view words(line);
    if (words.contains("word")) {
      EXPECT_LE(words.size(), 100u) << words;
    }
    EXPECT_FALSE(words.ends_with(' ')) << words;
  }
  EXPECT_TRUE(text.contains("\n        " + std::string(150, 'x') + "\n")) << "a word that is too long stays whole";
}

TEST(AuditText, WhatDidNotHappenHasNoRow) {
  AuditFindings findings = test::example_findings();
  findings.reuse.pictures.same_file = findings.reuse.pictures.other_file = 0;
  const std::string text = audit_text(findings);
  EXPECT_TRUE(text.contains("in the same file")) << "the first row stays";
  EXPECT_FALSE(text.contains("in another file"));
  EXPECT_TRUE(text.contains("some of their tiles"));
}

TEST(AuditText, WhatHasNoRoomIsCounted) {
  AuditFindings findings = test::example_findings();
  for (int i = 0; i < 10; ++i) findings.spoilers.push_back(findings.spoilers.back());
  EXPECT_TRUE(audit_text(findings).contains("  7 more are in --json and --report.\n"));
}

TEST(AuditText, NotesAreTold) {
  const std::vector<std::string> notes = {"3 entries are no requests."};
  EXPECT_TRUE(audit_text(test::example_findings(), notes).ends_with("  - 3 entries are no requests.\n"));
}

}  // namespace
}  // namespace fovea::app
