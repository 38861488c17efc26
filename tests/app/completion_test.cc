// `fovea completion` as a shell uses it.
#include <format>
#include <set>
#include <sstream>

#include "app/command_line.h"

namespace fovea {
namespace {

class Completion : public CommandLine {
 protected:
  // What bash offers behind these words, as a set.
  std::set<std::string> offered(const std::string& words) const {
    const std::string said = folder / "offered";
    const std::string command = std::format(
        "bash -c 'source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _fovea; printf \"%s\\n\" "
        "\"${{COMPREPLY[@]}}\"' - '{}' {} >'{}'",
        (folder / "bash").string(), words, said);
    EXPECT_EQ(std::system(command.c_str()), 0) << words;
    std::istringstream lines(text_of(said));
    std::set<std::string> all;
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty()) all.insert(line);
    }
    return all;
  }

  std::string script(const std::string& shell) const {
    const Ran ran = run("completion " + shell);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    return ran.out;
  }
};

TEST_F(Completion, BashOffersEveryVerbAndFlag) {
  file("bash", script("bash"));
  std::set<std::string> top;
  for (const std::string& verb : verbs()) {
    if (!verb.contains(' ')) top.insert(verb);
    const std::vector<std::string> flags = flags_of(verb);
    EXPECT_EQ(offered("fovea " + verb + " --"), std::set(flags.begin(), flags.end())) << verb;
  }
  EXPECT_EQ(offered("fovea ''"), top);
}

TEST_F(Completion, BashOffersValues) {
  file("bash", script("bash"));
  EXPECT_EQ(offered("fovea as"), std::set<std::string>{"ask"});
  EXPECT_TRUE(offered("fovea ask --policy ''").contains("lru"));
  EXPECT_EQ(offered("fovea replay --policy all,lr"), std::set<std::string>{"all,lru"});
  EXPECT_EQ(offered("fovea replay --format = q"), std::set<std::string>{"questions"});
  EXPECT_EQ(offered("fovea completion ''"), (std::set<std::string>{"bash", "zsh", "fish"}));
  EXPECT_TRUE(offered("fovea man ''").contains("serve"));
}

TEST_F(Completion, ZshAndFishHaveEveryVerbAndFlag) {
  const std::string zsh = script("zsh"), fish = script("fish");
  for (const std::string& verb : verbs()) {
    std::string function = "_fovea_" + verb;
    std::ranges::replace(function, ' ', '_');
    const std::size_t begin = zsh.find("\n" + function + "() {");
    ASSERT_NE(begin, std::string::npos) << verb;
    const std::string body = zsh.substr(begin, zsh.find("\n}\n", begin) - begin);
    for (const std::string& flag : flags_of(verb)) {
      EXPECT_TRUE(body.contains(flag + "[") || body.contains(flag + "=[") || body.contains("," + flag) ||
                  body.contains("{" + flag))
          << verb << flag;
      const std::string condition = std::format("-n '__fovea_is fovea {}'", verb);
      EXPECT_TRUE(std::ranges::any_of(std::views::split(fish, '\n'),
                                      [&](const auto& part) {
                                        const std::string_view line(part.begin(), part.end());
                                        return line.contains(condition) &&
                                               (std::string(line) + " ").contains(" -l " + flag.substr(2) + " ");
                                      }))
          << verb << ' ' << flag;
    }
  }
}

TEST_F(Completion, TheShellsCanReadTheirScripts) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    if (std::system(("command -v " + shell + " >/dev/null 2>&1").c_str()) != 0) continue;
    const std::string command = std::format("{} -n '{}'", shell, file(shell, script(shell)));
    EXPECT_EQ(std::system(command.c_str()), 0) << shell;
  }
}

TEST_F(Completion, AnotherShellIsRefused) {
  const Ran ran = run("completion tcsh");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(ran.err.contains("tcsh")) << ran.err;
  EXPECT_EQ(run("completion").exit_code, 2);
}

}  // namespace
}  // namespace fovea
