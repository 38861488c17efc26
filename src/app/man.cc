// fovea man: the manual pages, made from the verbs' own definitions, so that they cannot lag behind them.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <format>
#include <fstream>
#include <memory>
#include <print>
#include <string>
#include <vector>

#include "app/flags/command_tree.h"
#include "app/manual/man_page.h"
#include "app/verbs.h"
#include "fovea/result.h"
#include "fovea/version.h"

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

struct ManFlags {
  std::vector<std::string> verb;
  std::string folder;
};

// Today, or the day that a build which has to be the same again gives (reproducible-builds.org,
// SOURCE_DATE_EPOCH).
std::string date_of_edition() {
  std::chrono::sys_seconds time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH"); epoch != nullptr && *epoch != '\0')
    time = std::chrono::sys_seconds(std::chrono::seconds(std::strtoll(epoch, nullptr, 10)));
  return std::format("{:%F}", time);
}

struct Page {
  std::string file;
  std::string text;
};

// The pages of a command and of all below it.
void add_pages(const CommandInfo& command, const CommandInfo* parent, const ManEdition& edition,
               std::vector<Page>& pages) {
  pages.push_back({man_name(command) + ".1", man_page(command, parent, edition)});
  for (const CommandInfo& below : command.commands) add_pages(below, &command, edition, pages);
}

Result<void> write_pages(const std::vector<Page>& pages, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Fault::unavailable, std::format("{}: {}", folder.string(), error.message()));
  for (const auto& [name, text] : pages) {
    std::ofstream file(folder / name, std::ios::binary);
    file << text;
    file.close();
    if (!file) return fail(Fault::unavailable, std::format("{}: {}", (folder / name).string(), std::strerror(errno)));
  }
  return {};
}

// What is offered for VERB. run() itself says what is wrong, since a verb may be two words.
std::string choices_of(const CLI::App& app) {
  std::string names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    names += (names.empty() ? "" : ",") + verb->get_name();
  return "{" + names + "}";
}

int run(const ManFlags& flags, const CLI::App& app) {
  std::vector<Page> pages;
  add_pages(command_tree(app), nullptr, {FOVEA_VERSION, date_of_edition()}, pages);
  if (!flags.folder.empty()) {
    if (const auto written = write_pages(pages, flags.folder); !written) {
      std::println(stderr, "fovea: {}", written.error().message);
      return 1;
    }
    return 0;
  }
  std::string name = "fovea", words;
  for (const std::string& word : flags.verb) {
    name += '-' + word;
    words += (words.empty() ? "" : " ") + word;
  }
  for (const Page& page : pages) {
    if (page.file != name + ".1") continue;
    std::print("{}", page.text);
    return 0;
  }
  std::println(stderr, "fovea: there is no verb '{}'; fovea --help lists them", words);
  return 2;
}

}  // namespace

void add_man(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ManFlags>();
  CLI::App& man = *app.add_subcommand("man", "Print a manual page, or write all of them");
  man.footer(
      "cmake --install puts the pages where man finds them: man fovea-ask.\n\n"
      "  fovea man | man -l -                                   this program\n"
      "  fovea man ask | man -l -                               one verb\n"
      "  fovea man model synth > fovea-model-synth.1\n"
      "  fovea man --out /usr/local/share/man/man1              all of them\n\n"
      "The date of a page is today, or SOURCE_DATE_EPOCH where that is set.\n\n"
      "Exit codes: 0 done, 1 a file cannot be written, 2 wrong usage.");
  auto* verb = man.add_option("VERB", flags->verb, "The verb whose page is printed (default: the program's)")
                   ->check(CLI::Validator(choices_of(app)))
                   ->type_name("")
                   ->option_text("...");
  man.add_option("--out", flags->folder, "Write all pages into this folder; it is made when needed")
      ->type_name("DIR")
      ->excludes(verb);
  man.callback([flags, &app, &exit_code] { exit_code = run(*flags, app); });
}

}  // namespace fovea::app
