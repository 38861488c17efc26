// Tests of what is made from the command line's definitions, compared with what --help prints.
#pragma once

#include <algorithm>
#include <cstring>
#include <ranges>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "app/program.h"

namespace fovea {

class CommandLine : public Program {
 protected:
  // Every verb: "ask", "model", "model info".
  std::vector<std::string> verbs() const {
    std::vector<std::string> all;
    for (const std::string& verb : verbs_of("")) {
      all.push_back(verb);
      for (const std::string& below : verbs_of(verb)) all.push_back(verb + " " + below);
    }
    EXPECT_GE(all.size(), 10u) << "the help has another form now";
    return all;
  }

  // The long flags that `fovea VERB --help` lists.
  std::vector<std::string> flags_of(const std::string& verb) const {
    std::vector<std::string> flags;
    for (const std::string& names :
         matches(run(verb + " --help").out, "\\n(?:  -\\w, +| {10})(--[a-z0-9-]+(?:, --[a-z0-9-]+)*)"))
      for (const auto& name : std::views::split(names, std::string_view(", ")))
        flags.emplace_back(name.begin(), name.end());
    EXPECT_TRUE(std::ranges::contains(flags, "--help")) << verb;
    return flags;
  }

 private:
  // The lines below SUBCOMMANDS.
  std::vector<std::string> verbs_of(const std::string& verb) const {
    const std::string help = run(verb + " --help").out;
    const std::size_t begin = help.find("\nSUBCOMMANDS:\n");
    if (begin == std::string::npos) return {};
    return matches(help.substr(begin, help.find("\n\n", begin + 1) - begin), "\\n  ([a-z]+) ");
  }

  static std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
    const std::regex regex(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) found.push_back((*at)[1]);
    return found;
  }
};

}  // namespace fovea
