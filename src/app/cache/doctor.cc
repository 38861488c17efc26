// fovea cache doctor: looks for what is wrong with a disk cache's folder or a shared server, and changes
// nothing.
//
// Entries of a server are looked at without the tier, which would remove what it cannot believe: with a wrong
// key that would be somebody else's cache.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <format>
#include <memory>
#include <optional>
#include <print>
#include <string>
#include <vector>

#include "app/cache/cache_verbs.h"
#include "app/cache/disk_checks.h"
#include "app/cache/entry_walk.h"
#include "app/cache/exit_code.h"
#include "app/cache/findings_text.h"
#include "app/cache/place.h"
#include "app/cache/server_checks.h"
#include "app/output/cache_text.h"
#include "app/terminal/interrupts.h"
#include "app/terminal/progress_bar.h"
#include "tier/open/open_tier.h"
#include "tier/valkey/client.h"

namespace fovea::app {

namespace {

struct DoctorFlags {
  TierFlags tiers;
  bool json = false;
};

constexpr std::size_t sample_entries = 1000;      // of a disk: a second at most
constexpr std::size_t sample_seals = 4;           // of each kind, in a server
constexpr std::chrono::seconds server_wait{5};    // for each question to a server
constexpr std::chrono::seconds measure_wait{30};  // 20 MB over a slow network

valkey::Until within(std::chrono::milliseconds time) { return valkey::Until::of({}, time); }

// What a sample of the entries is like; nullopt where there is no disk cache yet.
std::optional<Finding> check_entries(const TierFlags& flags, const std::stop_token& stop) {
  const auto place = open_place(flags, Access::look);
  if (!place && place.error().fault == Fault::not_found) return std::nullopt;
  if (!place)
    return Finding{Grade::wrong, place.error().message, "the next program that writes it empties it and begins again"};
  const auto keys = list_some_keys(*place->tier, all_record_kinds, stop, sample_entries);
  if (!keys) return Finding{Grade::wrong, keys.error().message, "see its file system"};
  ProgressBar bar("Reading");
  const auto counts = walk_entries(
      *place->tier, *keys, stop, [&](double fraction) { bar.update(fraction); },
      [](RecordKind, const TierHit&) { return true; });
  if (!counts) return Finding{Grade::wrong, counts.error().message, "see its file system"};
  const std::string what = std::format("{} entries were read, {} are sound", counts->seen(), counts->sound);
  if (counts->damaged() == 0) return Finding{Grade::ok, what, ""};
  return Finding{Grade::wrong, std::format("{}: {}", what, doubts_text(*counts)),
                 "run fovea cache verify, and see what the disk says of itself (smartctl -a)"};
}

Result<std::vector<Finding>> examine_disk(const TierFlags& flags, const std::stop_token& stop) {
  const auto disk = disk_of_place(flags);
  if (!disk) return std::unexpected(disk.error());
  std::vector<Finding> findings = check_folder(disk->folder, disk->bytes_max);
  if (auto entries = check_entries(flags, stop)) findings.push_back(std::move(*entries));
  return findings;
}

// Whether what lies there is sealed with a key of ours.
Finding check_seals(ValkeyTier& tier, const std::stop_token& stop) {
  const WaitLimits limits{.stop = stop, .deadline = {}};
  std::size_t ours = 0, strange = 0;
  for (const RecordKind kind : all_record_kinds) {
    const auto keys = list_some_keys(tier, std::span(&kind, 1), stop, sample_seals);
    if (!keys)
      return {Grade::warning, std::format("its entries cannot be listed: {}", keys.error().message),
              "let its user scan, unless the reason is one of those above"};
    for (const NamedKey& named : *keys) {
      const auto fault = tier.fault_of(named.kind, named.key, limits);
      if (fault) ++(*fault == RecordFault::wrong_checksum ? strange : ours);
    }
  }
  if (strange == 0)
    return {Grade::ok, std::format("{} entries were looked at, all sealed with this fleet's key", ours), ""};
  return {ours == 0 ? Grade::wrong : Grade::warning,
          std::format("{} of {} entries that were looked at are sealed with another key, or damaged", strange,
                      ours + strange),
          "compare --fleet-key-file with the others': what is read with another key is not believed, and removed"};
}

bool others_can_read(const std::string& file) {
  struct stat facts{};
  return ::stat(file.c_str(), &facts) == 0 && (facts.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

// Whether any of them could be reached.
bool examine_servers(valkey::Client& client, std::vector<Finding>& findings) {
  bool reached = false;
  for (const valkey::Endpoint& server : client.servers(within(server_wait))) {
    const auto settings = valkey::read_settings(client, server, within(server_wait));
    if (settings)
      findings.append_range(check_settings(server, *settings));
    else
      findings.push_back({Grade::wrong, settings.error().message, "see whether it runs and can be reached from here"});
    reached |= settings.has_value();
  }
  return reached;
}

Result<std::vector<Finding>> examine_shared(const TierFlags& flags, const std::stop_token& stop) {
  const auto keys = read_fleet_keys(flags.fleet_key_file);
  if (!keys) return std::unexpected(keys.error());
  const auto address = valkey::Address::parse(flags.shared);
  const auto tier = open_shared_tier(flags);
  if (!address || !tier) return std::unexpected(tier ? address.error() : tier.error());
  std::vector<Finding> findings = {
      check_key_file(flags.fleet_key_file, keys->size(), others_can_read(flags.fleet_key_file)), check_wire(*address)};
  if (!examine_servers((*tier)->client(), findings)) return findings;
  const auto speed = valkey::measure_link((*tier)->client(), within(measure_wait));
  findings.push_back(speed ? check_speed(*speed)
                           : Finding{Grade::wrong, speed.error().message, "Fovea cannot write there"});
  findings.push_back(check_seals(**tier, stop));
  return findings;
}

int run(const DoctorFlags& flags) {
  Interrupts interrupts;
  const std::stop_token stop = interrupts.watch();
  const auto findings =
      flags.tiers.shared.empty() ? examine_disk(flags.tiers, stop) : examine_shared(flags.tiers, stop);
  if (!findings) return exit_code_of(findings.error());
  if (stop.stop_requested()) return exit_code_of({Fault::cancelled, "interrupted"});
  const std::string place = name_of_place(flags.tiers);
  if (flags.json)
    std::println("{}", findings_json(place, *findings));
  else
    std::print("{}", findings_text(place, *findings));
  return std::ranges::contains(*findings, Grade::wrong, &Finding::grade) ? 1 : 0;
}

}  // namespace

void add_cache_doctor(CLI::App& cache, int& exit_code) {
  auto flags = std::make_shared<DoctorFlags>();
  CLI::App& doctor = *cache.add_subcommand("doctor", "Say what is wrong with a disk cache or a shared server");
  doctor.footer(
      "Of a folder: whether it can be written, its room against --disk-size, who has it open, whether a sample of its\n"
      "entries is sound. Of a server: its settings, its memory, its role, TLS, the fleet's key, and how fast it is. "
      "Each\n"
      "finding says what to do. Nothing is changed but a value of 4 MiB that is written to a server, read and "
      "removed.\n\n"
      "  fovea cache doctor\n"
      "  fovea cache doctor --disk-cache /var/cache/fovea --disk-size 100GiB\n"
      "  fovea cache doctor --shared valkeys://10.0.0.5 --fleet-key-file fleet.key\n\n"
      "Exit codes: 0 nothing is wrong, 1 something is, 2 wrong usage, 130 interrupted.");
  add_place_flags(doctor, flags->tiers);
  add_size_flag(doctor, flags->tiers);
  doctor.add_flag("--json", flags->json, "Print one JSON document");
  doctor.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
