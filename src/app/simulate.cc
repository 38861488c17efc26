// fovea simulate: what a fleet of nodes would do with a load, on a virtual clock.
//
// Without a fleet it shows a bundled one in four ways, so that what sharing saves is seen at once. All fleets
// are read, and changed as the flags say, before the first one is simulated: a mistake in the last file is
// told at the beginning.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <format>
#include <memory>
#include <print>
#include <set>
#include <string>
#include <vector>

#include "app/bundled.h"
#include "app/output/bench_report.h"
#include "app/output/simulate_json.h"
#include "app/output/simulate_text.h"
#include "app/terminal/progress_bar.h"
#include "app/verbs.h"
#include "cluster/fleet_file.h"
#include "cluster/fleet_names.h"
#include "cluster/fleet_study.h"
#include "cluster/report/fleet_page.h"

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* shown_fleet = "shop";

struct SimulateFlags {
  std::vector<std::string> fleets;
  std::string compare, routing, fetching;
  FleetChanges changes;
  bool json = false;
  std::string report;
};

// The file of a bundled fleet, or the user's own.
Result<std::string> fleet_file(const std::string& name, const fs::path& samples) {
  if (name == "-" || name.contains('/') || name.ends_with(".json")) return name;
  const fs::path folder = samples / "fleets";
  const fs::path file = folder / (name + ".json");
  std::error_code ignored;
  if (fs::exists(file, ignored)) return file.string();
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) names.insert(entry.path().stem().string());
  std::string list;
  for (const std::string& each : names) list += (list.empty() ? "" : ", ") + each;
  return fail(Fault::invalid,
              std::format("no fleet '{}': there are {}, or name a file such as ./mine.json", name, list));
}

Result<std::vector<Fleet>> fleets_of(const SimulateFlags& flags) {
  const auto samples = bundled_samples();
  if (!samples) return std::unexpected(samples.error());
  std::vector<Fleet> fleets;
  std::set<std::string> names;
  for (const std::string& name : flags.fleets) {
    const auto file = fleet_file(name, *samples);
    if (!file) return std::unexpected(file.error());
    auto fleet = read_fleet(*file, *samples, flags.changes);
    if (!fleet) return std::unexpected(fleet.error());
    if (!names.insert(fleet->name).second)
      return fail(Fault::invalid, std::format("two fleets are named {}: change \"name\" in one of them", fleet->name));
    fleets.push_back(std::move(*fleet));
  }
  return fleets;
}

// Empty names leave what the fleets' files say.
Result<void> read_choices(SimulateFlags& flags) {
  if (!flags.routing.empty()) {
    const auto routing = routing_of(flags.routing);
    if (!routing) return std::unexpected(routing.error());
    flags.changes.routing = *routing;
  }
  if (!flags.fetching.empty()) {
    const auto fetching = fetching_of(flags.fetching);
    if (!fetching) return std::unexpected(fetching.error());
    flags.changes.fetching = *fetching;
  }
  return {};
}

Result<std::vector<FleetStudy>> studies_of(const std::vector<Fleet>& fleets, Compared compared) {
  for (const Fleet& fleet : fleets) {
    if (const auto possible = ways_of(fleet, compared); !possible) return std::unexpected(possible.error());
  }
  std::vector<FleetStudy> studies;
  for (const Fleet& fleet : fleets) {
    ProgressBar bar("Simulating " + fleet.name);
    auto study = study_fleet(fleet, compared, [&](double part) { bar.update(part); });
    if (!study) return std::unexpected(study.error());
    studies.push_back(std::move(*study));
  }
  return studies;
}

Result<void> print(const std::vector<FleetStudy>& studies, const std::string& json, bool as_json) {
  std::string text = as_json ? json : "";
  if (!as_json) {
    for (const FleetStudy& study : studies) text += (text.empty() ? "" : "\n") + simulate_text(study);
  }
  if (std::fputs(text.c_str(), stdout) == EOF || std::fflush(stdout) != 0)
    return fail(Fault::unavailable, std::format("the result cannot be written: {}", std::strerror(errno)));
  return {};
}

Result<void> simulate_fleets(SimulateFlags flags) {
  if (const auto read = read_choices(flags); !read) return read;
  Compared compared = Compared::nothing;
  if (!flags.compare.empty()) compared = *compared_of(flags.compare);
  if (flags.fleets.empty()) {
    flags.fleets = {shown_fleet};
    if (flags.compare.empty()) compared = Compared::sharing;
  }
  const auto fleets = fleets_of(flags);
  if (!fleets) return std::unexpected(fleets.error());
  if (!flags.report.empty()) {  // before minutes of simulation
    std::error_code error;
    fs::create_directories(flags.report, error);
    if (error) return fail(Fault::invalid, std::format("--report: {}: {}", flags.report, error.message()));
  }
  const auto studies = studies_of(*fleets, compared);
  if (!studies) return std::unexpected(studies.error());
  const std::string json = flags.json || !flags.report.empty() ? simulate_json(*studies) : "";
  if (const auto printed = print(*studies, json, flags.json); !printed) return printed;
  if (flags.report.empty()) return {};
  if (auto written = write_report(fleet_page(*studies, "Simulated fleets"), json, flags.report); !written)
    return written;
  std::println(stderr, "fovea: the report is {}", (fs::path(flags.report) / "report.html").string());
  return {};
}

int run(const SimulateFlags& flags) {
  const auto done = simulate_fleets(flags);
  if (done) return 0;
  std::println(stderr, "fovea: {}", done.error().message);
  return done.error().fault == Fault::invalid ? 2 : 1;
}

void add_changes(CLI::App& simulate, SimulateFlags& flags) {
  constexpr const char* group = "In place of what the file says";
  simulate.add_option("--requests", flags.changes.requests, "Requests of the load")
      ->check(CLI::Range(1U, 20'000'000U))
      ->type_name("N")
      ->group(group);
  simulate
      .add_option(
          "--nodes", flags.changes.nodes,
          "Nodes of all classes together, in the fleet's proportions, with as many times the clients or the rate; "
          "what is shared stays")
      ->check(CLI::Range(1U, 4096U))
      ->type_name("N")
      ->group(group);
  simulate.add_option("--seed", flags.changes.seed, "The seed of the load")->type_name("N")->group(group);
  simulate.add_option("--routing", flags.routing, "How the balancer chooses a node")
      ->check(CLI::IsMember({"hash", "bounded_hash", "round_robin"}))
      ->type_name("NAME")
      ->group(group);
  simulate
      .add_option("--fetching", flags.fetching,
                  "Whether nodes fetch what is not in their memory: where it is likely to be faster, always, or never")
      ->check(CLI::IsMember({"measured", "always", "never"}))
      ->type_name("NAME")
      ->group(group);
}

}  // namespace

void add_simulate(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<SimulateFlags>();
  CLI::App& simulate =
      *app.add_subcommand("simulate", "Simulate a fleet: nodes, links, balancer, shared tier, failures");
  simulate.footer(
      "Runs a fleet of nodes with a load on a virtual clock: the server's own policies and rules, on a simulated "
      "network.\n"
      "Times of work come from profiles of devices, as fovea profile writes them.\n\n"
      "  fovea simulate                                   what sharing and hashing save, on a bundled fleet\n"
      "  fovea simulate node-dies                         a bundled fleet (samples/fleets) by its name\n"
      "  fovea simulate mine.json --report out            tables, figures and a page in out/\n"
      "  fovea simulate mixed-edge --compare placement    fetching by measured cost, beside always, never and hashing "
      "alone\n"
      "  fovea simulate mine.json --nodes 50 --requests 100000\n"
      "  fovea simulate mine.json --routing round_robin --json\n\n"
      "A fleet is a JSON file: its nodes with their devices, memories and links, what they share, the load, and what\n"
      "happens: a node dies, a link is cut. docs/simulate.md has all fields, how to read the result, and how far it\n"
      "agrees with real servers.\n\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage or a wrong fleet.");
  simulate
      .add_option("FLEET", flags->fleets, "Bundled fleets (samples/fleets) by name, or files; - for standard input")
      ->type_name("")
      ->option_text("");
  simulate
      .add_option("--compare", flags->compare,
                  "Run the fleet in several ways: sharing = with and without a shared tier and hashing; placement = "
                  "fetching by measured cost, always, never, and hashing alone; prefetch = without and with it")
      ->check(CLI::IsMember({"sharing", "placement", "prefetch"}))
      ->type_name("WHAT");
  add_changes(simulate, *flags);
  simulate.add_flag("--json", flags->json, "Print one JSON document")->group("Output");
  simulate
      .add_option("--report", flags->report, "Write a page with tables and figures, and results.json, into this folder")
      ->type_name("DIR")
      ->group("Output");
  simulate.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
