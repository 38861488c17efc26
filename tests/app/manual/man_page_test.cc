#include "app/manual/man_page.h"

#include <gtest/gtest.h>

#include "app/manual/example_command.h"

namespace fovea::app {
namespace {

constexpr auto edition = [] { return ManEdition{"1.2.3", "2026-11-29"}; };

class ManPage : public testing::Test {
 protected:
  const CommandInfo root = example_command();
  const CommandInfo& ask = root.commands[0];
  const CommandInfo& model = root.commands[1];
};

TEST_F(ManPage, SaysWhatHelpSays) {
  EXPECT_EQ(man_page(ask, &root, edition()),
            ".TH FOVEA\\-ASK 1 2026-11-29 \"fovea 1.2.3\" \"Fovea manual\"\n"
            ".SH NAME\nfovea\\-ask \\- Ask questions\n"
            ".SH SYNOPSIS\n\\fBfovea ask\\fR [\\fIOPTION\\fR]... \\fIPICTURE\\fR...\n"
            ".SH DESCRIPTION\nAsk questions.\n.PP\nA paragraph.\n"
            ".TP\n\\fIPICTURE\\fR\nPictures.\nRequired.\n"
            ".SH OPTIONS\n.TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nPrint help.\n"
            ".SS Model\n"
            ".TP\n\\fB\\-m\\fR, \\fB\\-\\-model\\fR \\fIFILE\\fR\nThe decoder: a [GGUF] file, it's.\n"
            ".TP\n\\fB\\-\\-out\\fR \\fIDIR\\fR\nA folder.\n"
            ".SS Output\n"
            ".TP\n\\fB\\-\\-format\\fR \\fINAME\\fR\nThe format.\nOne of \\fBtext\\fR, \\fBjson\\fR.\n"
            "Default: \\fBtext\\fR.\n"
            ".TP\n\\fB\\-\\-policy\\fR \\fILIST\\fR\nPolicies.\nNames: \\fBlru\\fR, \\fBvalue\\fR.\n"
            ".TP\n\\fB\\-\\-threads\\fR \\fIN\\fR\nThreads.\nValues: 1 to 64.\nDefault: \\fB4\\fR.\n"
            "Environment: \\fBFOVEA_THREADS\\fR.\nRequired.\n"
            ".TP\n\\fB\\-\\-json\\fR\nPrint JSON.\n"
            ".SH EXIT STATUS\n.TP\n\\fB0\\fR\nanswered.\n.TP\n\\fB1\\fR\nfailed.\n"
            ".SH EXAMPLES\n.EX\n  fovea ask \\(aqwhat?\\(aq \\-m a.gguf\n.EE\n"
            ".SH SEE ALSO\n\\fBfovea\\fR(1)\n");
}

TEST_F(ManPage, NamesWhatIsAboveAndBelow) {
  const std::string page = man_page(model, &root, edition());
  EXPECT_TRUE(page.contains("\\fIOPTION\\fR]... \\fICOMMAND\\fR...\n")) << page;
  EXPECT_TRUE(page.contains(
      ".SH COMMANDS\n.TP\n\\fBfovea model info\\fR\nDescribe them.\nSee \\fBfovea\\-model\\-info\\fR(1).\n"))
      << page;
  EXPECT_TRUE(page.contains(".SH SEE ALSO\n\\fBfovea\\fR(1),\n\\fBfovea\\-model\\-info\\fR(1)\n")) << page;
  EXPECT_TRUE(man_page(root, nullptr, edition()).contains(".SH NAME\nfovea \\- A cache\n"))
      << "the part before a colon";
  EXPECT_EQ(man_name(model.commands[0]), "fovea-model-info");
}

TEST_F(ManPage, WhatRoffWouldMisreadIsEscaped) {
  const CommandInfo command{.path = "fovea x",
                            .about = "About",
                            .footer = ".begins with a dot\n'and with a quote\n\n  a\\b ^ ~ `c`\n\nExit codes: none."};
  const std::string page = man_page(command, nullptr, edition());
  EXPECT_TRUE(page.contains("\n\\&.begins with a dot\n\\&'and with a quote\n")) << page;
  EXPECT_TRUE(page.contains("\n  a\\eb \\(ha \\(ti \\(gac\\(ga\n")) << page;
  EXPECT_FALSE(page.contains("EXIT STATUS")) << "there is no code in it";
}

TEST_F(ManPage, GroffAndMandocHaveNothingToSay) {
  if (!has_program("groff") && !has_program("mandoc")) GTEST_SKIP() << "neither groff nor mandoc is installed";
  for (const CommandInfo* command : all_commands(root)) {
    const TextFile page(man_page(*command, command == &root ? nullptr : &root, edition()));
    if (has_program("groff")) {
      EXPECT_EQ(output_of("groff -man -Tutf8 -ww -z '" + page.path() + "'"), "");
    }
    if (has_program("mandoc")) {
      EXPECT_EQ(output_of("mandoc -Tlint -Wwarning '" + page.path() + "'"), "");
    }
  }
}

}  // namespace
}  // namespace fovea::app
