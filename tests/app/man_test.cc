// `fovea man` as a person or a package uses it.
#include <regex>
#include <set>

#include "app/command_line.h"

namespace fovea {
namespace {

using Man = CommandLine;

// A page without roff's escapes.
std::string plain(std::string page) {
  for (const auto& [roff, text] : {std::pair{"\\-", "-"}, {"\\fB", ""}, {"\\fI", ""}, {"\\fR", ""}}) {
    for (std::size_t at = page.find(roff); at != std::string::npos; at = page.find(roff, at))
      page.replace(at, std::strlen(roff), text);
  }
  return page;
}

TEST_F(Man, EveryVerbHasAPageWithEveryFlag) {
  const std::string root = plain(run("man").out);
  for (const std::string& verb : verbs()) {
    const Ran ran = run("man " + verb);
    ASSERT_EQ(ran.exit_code, 0) << verb << ran.err;
    const std::string page = plain(ran.out);
    for (const std::string& flag : flags_of(verb))
      EXPECT_TRUE(std::regex_search(page, std::regex("(^|\\n|, )" + flag + "[ ,\\n]"))) << verb << ' ' << flag;
    if (!verb.contains(' ')) {
      EXPECT_TRUE(root.contains("fovea " + verb + "\n")) << verb;
    }
  }
}

TEST_F(Man, EveryVerbShowsExamplesAndIsPlainAscii) {
  for (const std::string& verb : verbs()) {
    const std::string page = run("man " + verb).out;
    EXPECT_TRUE(page.contains(".SH EXAMPLES\n.EX\n  ")) << verb << " teaches nothing";
    EXPECT_EQ(std::ranges::count_if(page, [](unsigned char c) { return c >= 0x80; }), 0) << verb;
  }
}

TEST_F(Man, WritesAllPagesIntoAFolder) {
  const std::string words = "man --out '" + (folder / "share" / "man1").string() + "'";
  ASSERT_EQ(run(words, "/dev/null").exit_code, 0);
  std::set<std::string> expected = {"fovea.1"}, found;
  for (std::string verb : verbs()) {
    std::ranges::replace(verb, ' ', '-');
    expected.insert("fovea-" + verb + ".1");
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder / "share" / "man1"))
    found.insert(entry.path().filename());
  EXPECT_EQ(found, expected);
  EXPECT_TRUE(text_of(folder / "share" / "man1" / "fovea-model-info.1").starts_with(".TH FOVEA\\-MODEL\\-INFO 1 "));
}

TEST_F(Man, TheDateCanBeGiven) {
  ::setenv("SOURCE_DATE_EPOCH", "86400", 1);
  const Ran ran = run("man ask");
  ::unsetenv("SOURCE_DATE_EPOCH");
  EXPECT_TRUE(ran.out.starts_with(".TH FOVEA\\-ASK 1 1970-01-02 ")) << ran.out.substr(0, 80);
}

TEST_F(Man, SaysWhatIsWrong) {
  const Ran unknown = run("man nosuch verb");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_TRUE(unknown.err.contains("there is no verb 'nosuch verb'")) << unknown.err;
  EXPECT_EQ(run("man ask --out .").exit_code, 2);
  const Ran blocked = run("man --out /dev/null/here");
  EXPECT_EQ(blocked.exit_code, 1);
  EXPECT_TRUE(blocked.err.contains("/dev/null/here")) << blocked.err;
}

TEST_F(Man, GroffAndMandocHaveNothingToSay) {
  const bool groff = std::system("command -v groff >/dev/null 2>&1") == 0;
  const bool mandoc = std::system("command -v mandoc >/dev/null 2>&1") == 0;
  if (!groff && !mandoc) GTEST_SKIP() << "neither groff nor mandoc is installed";
  ASSERT_EQ(run("man --out '" + folder.string() + "'").exit_code, 0);
  const std::string said = folder / "said";
  for (const auto& [there, command] :
       {std::pair{groff, "groff -man -Tutf8 -ww -z"}, {mandoc, "mandoc -Tlint -Wwarning"}}) {
    if (!there) continue;
    EXPECT_EQ(std::system((command + (" '" + folder.string()) + "'/*.1 >'" + said + "' 2>&1").c_str()), 0);
    EXPECT_EQ(text_of(said), "") << command;
  }
}

}  // namespace
}  // namespace fovea
