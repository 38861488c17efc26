// fovea profile: measures what this machine does with a model, says what to switch on, and writes a profile.
//
// Everything that can be wrong in the flags is found before the first measurement. A tier's values go into a
// folder of their own, which is removed; on a shared server, under random keys that are erased. Interrupts
// comes before the tiers, whose threads would otherwise take a Ctrl-C and end the program at once.
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <format>
#include <memory>
#include <optional>
#include <print>
#include <string>
#include <thread>
#include <vector>

#include "app/bench_setup.h"
#include "app/flags/model_flags.h"
#include "app/flags/tier_flags.h"
#include "app/machine.h"
#include "app/output/profile_text.h"
#include "app/terminal/interrupts.h"
#include "app/terminal/progress_bar.h"
#include "app/verbs.h"
#include "base/clock.h"
#include "fovea/version.h"
#include "profile/measure.h"
#include "profile/profile_file.h"
#include "tier/open/open_tier.h"
#include "workload/script.h"

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t disk_bytes_max = std::uint64_t{1} << 30;  // far more than is written
constexpr std::uint32_t side_max = 16384;                         // of a picture, as in scenarios
constexpr const char* standard_output = "-";

struct ProfileFlags {
  ModelFlags model;
  std::string other_model, other_mmproj;
  std::string size;
  std::string disk;
  bool no_disk = false;
  TierFlags tiers;  // the shared one
  std::string out;
  bool json = false;
  bool quick = false;
};

// A folder inside the one that was named, removed at the end.
class DiskScratch {
 public:
  explicit DiskScratch(const std::string& named)
      : path_((named.empty() ? fs::temp_directory_path() : fs::path(named)) /
              std::format("fovea-profile-{}", ::getpid())) {}
  ~DiskScratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  DiskScratch(const DiskScratch&) = delete;
  DiskScratch& operator=(const DiskScratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_;
};

// The tiers that are measured. The folder goes last.
struct OpenedTiers {
  std::unique_ptr<DiskScratch> scratch;
  std::unique_ptr<Tier> disk, shared;

  std::vector<Tier*> all() const {
    std::vector<Tier*> tiers;
    for (Tier* tier : {disk.get(), shared.get()})
      if (tier != nullptr) tiers.push_back(tier);
    return tiers;
  }
};

Result<OpenedTiers> open_tiers(const ProfileFlags& flags) {
  OpenedTiers opened;
  if (!flags.tiers.shared.empty()) {
    auto shared = open_shared_tier(flags.tiers);
    if (!shared) return std::unexpected(shared.error());
    opened.shared = std::move(*shared);
  }
  if (flags.no_disk) return opened;
  if (!flags.disk.empty() && !fs::is_directory(flags.disk))
    return fail(Fault::invalid, std::format("--disk: '{}' is no folder", flags.disk));
  opened.scratch = std::make_unique<DiskScratch>(flags.disk);
  auto disk = RocksdbTier::open({.folder = opened.scratch->path(), .bytes_max = disk_bytes_max});
  if (!disk) return fail(disk.error().fault, "--disk: " + disk.error().message);
  opened.disk = std::move(*disk);
  return opened;
}

ProfiledModel profiled(ModelFlags model) {
  model.drafts = "off";  // what drafts gain is computed from steps without them
  return {.name = profiled_name(model), .open = [model](std::uint32_t threads, std::uint32_t slots) {
            ModelFlags flags = model;
            if (threads > 0) flags.threads = static_cast<std::int32_t>(threads);
            flags.parallel = slots;
            return open_engine(flags);
          }};
}

std::uint32_t threads_of(const ModelFlags& model) {
  if (model.threads > 0) return static_cast<std::uint32_t>(model.threads);
  return std::max(1U, std::thread::hardware_concurrency());
}

// --size by itself: of a scenario with such sides the complaint names the scenario's file and not the flag.
Result<void> check_size(const std::string& size) {
  const char* end = size.data() + size.size();
  std::uint32_t width = 0, height = 0;
  const auto first = std::from_chars(size.data(), end, width);
  const bool both = first.ec == std::errc() && first.ptr != end && *first.ptr == 'x';
  const auto second = both ? std::from_chars(first.ptr + 1, end, height) : first;
  if (both && second.ec == std::errc() && second.ptr == end && width >= 1 && width <= side_max && height >= 1 &&
      height <= side_max)
    return {};
  return fail(
      Fault::invalid,
      std::format("--size: '{}' is not a size: write 512x512, for example, with sides from 1 to {}", size, side_max));
}

Result<LoadInput> load_of(const ProfileFlags& flags) {
  if (!flags.size.empty()) {
    if (const auto size = check_size(flags.size); !size) return std::unexpected(size.error());
  }
  BenchFlags paper;
  paper.size = flags.size;
  const auto scenarios = scenarios_of(paper);
  if (!scenarios) return std::unexpected(scenarios.error());
  auto questions = questions_of(paper);
  if (!questions) return std::unexpected(questions.error());
  LoadInput load{.scenario = scenarios->front(), .questions = std::move(*questions)};
  if (flags.quick) load.repeats = {.times_max = 1};
  return load;
}

// The file that the profile goes to; empty = to none. Without -o it is the default one, whose folders are
// made; a quick profile must not replace a full one there.
Result<fs::path> file_of(const ProfileFlags& flags) {
  if (flags.out == standard_output) {
    if (flags.json) return fail(Fault::invalid, "-o - and --json both write to standard output: choose one");
    return fs::path();
  }
  fs::path path = flags.out;
  if (path.empty()) {
    if (flags.quick) return fs::path();
    const auto usual = profile_path(profiled_name(flags.model));
    if (!usual) return fail(Fault::invalid, "there is no user's cache folder: name the file with -o FILE");
    path = *usual;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) return fail(Fault::unavailable, std::format("{}: {}", path.parent_path().string(), error.message()));
  }
  if (const auto possible = check_profile_target(path); !possible)
    return fail(possible.error().fault,
                flags.out.empty() ? possible.error().message : "-o " + possible.error().message);
  return path;
}

Result<Profile> measured(const ProfileFlags& flags, LoadInput load, const OpenedTiers& tiers) {
  ProgressBar bar("Measuring");
  MeasureInput input{.models = {profiled(flags.model)},
                     .load = std::move(load),
                     .tiers = tiers.all(),
                     .quick = flags.quick,
                     .threads = threads_of(flags.model),
                     .progress = [&](double fraction, std::string_view what) { bar.update(fraction, what); }};
  if (!flags.other_model.empty()) {
    ModelFlags other = flags.model;
    other.model = flags.other_model;
    other.mmproj = flags.other_mmproj;
    input.models.push_back(profiled(other));
  }
  const Stopwatch watch;
  auto profile = measure_profile(input);
  if (!profile) return profile;
  profile->fovea = FOVEA_VERSION;
  profile->machine = machine_line();
  profile->measured =
      std::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  profile->took_ms = watch.elapsed_ms();
  return profile;
}

Result<void> run(const ProfileFlags& flags) {
  const auto file = file_of(flags);
  if (!file) return std::unexpected(file.error());
  auto load = load_of(flags);
  if (!load) return std::unexpected(load.error());
  const LoadShares shares = shares_of(make_script(load->scenario, load->seed, load->questions));
  Interrupts interrupts;
  load->stop = interrupts.watch();
  const auto tiers = open_tiers(flags);
  if (!tiers) return std::unexpected(tiers.error());
  const auto profile = measured(flags, std::move(*load), *tiers);
  if (!profile) return std::unexpected(profile.error());
  if (flags.out == standard_output) {
    std::print("{}", to_json(*profile));
    return {};
  }
  if (!file->empty()) {
    if (auto written = write_profile(*profile, *file); !written) return written;
  }
  std::print("{}", flags.json ? profile_json(*profile, shares) : profile_text(*profile, shares));
  if (file->empty())
    std::println(stderr, "fovea: a quick profile is written to no file unless -o FILE names one");
  else
    std::println(stderr, "fovea: the profile is {}; use it:  fovea serve --profile {}", file->string(), file->string());
  return {};
}

int exit_code_of(const Result<void>& done) {
  if (done) return 0;
  std::println(stderr, "fovea: {}", done.error().message);
  if (done.error().fault == Fault::cancelled) return 130;
  return done.error().fault == Fault::invalid ? 2 : 1;
}

constexpr const char* footer =
    "Measures, in a minute or two, what each part of a request takes on this machine: opening and encoding a picture,\n"
    "reading the prompt, decoding by batch size and by threads, copying the decoder's state, memory, disk and a "
    "shared\n"
    "server. It prints what to switch on, with the factor that this gains and why, and writes the numbers to a file.\n"
    "Let nothing else run meanwhile.\n\n"
    "  fovea profile                                          the bundled model\n"
    "  fovea profile -m model.gguf --mmproj mmproj.gguf -o mine.json\n"
    "  fovea profile -m large.gguf --mmproj a.gguf --other-model small.gguf --other-mmproj b.gguf\n"
    "  fovea profile --disk /var/cache --shared valkey://cache:6379 --fleet-key-file fleet.key\n"
    "  fovea serve --profile mine.json                        begins with these numbers, and not with guesses\n"
    "  fovea replay trace.csv --profile mine.json             what policies save, in this machine's time\n\n"
    "The second model of --other-model answers whether a smaller one is faster here. docs/profile.md explains the\n"
    "numbers and what is computed from them.\n\n"
    "Exit codes: 0 measured, 1 failed, 2 wrong usage, 130 interrupted.";

}  // namespace

void add_profile(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ProfileFlags>();
  CLI::App& profile = *app.add_subcommand("profile", "Measure this machine with a model, and say what to switch on");
  profile.footer(footer);
  add_model_flags(profile, flags->model);
  auto* other =
      profile.add_option("--other-model", flags->other_model, "The decoder of a second model, to compare with")
          ->type_name("FILE")
          ->group("Model");
  auto* projector = profile.add_option("--other-mmproj", flags->other_mmproj, "The vision encoder of the second model")
                        ->type_name("FILE")
                        ->group("Model");
  other->needs(projector);
  projector->needs(other);
  profile.add_option("--size", flags->size, "The size of the pictures [that of the paper's load, 512x512]")
      ->type_name("WxH")
      ->group("Measured");
  profile.add_option("--disk", flags->disk, "The folder in which the disk tier is measured [that for temporary files]")
      ->type_name("DIR")
      ->group("Measured");
  profile.add_flag("--no-disk", flags->no_disk, "Measure no disk tier")->excludes("--disk")->group("Measured");
  profile.add_flag("--quick", flags->quick, "Measure everything once, in seconds: for trying out, not for deciding")
      ->group("Measured");
  add_shared_flags(profile, flags->tiers, "Measure this server as the shared tier", "Measured");
  profile
      .add_option("-o,--out", flags->out,
                  "The file of the profile, - = standard output [fovea/profiles/NAME.json in the user's cache folder; "
                  "with --quick none]")
      ->type_name("FILE")
      ->group("Output");
  profile.add_flag("--json", flags->json, "Print one JSON document: the numbers, predictions and advice")
      ->group("Output");
  profile.callback([flags, &exit_code] { exit_code = exit_code_of(run(*flags)); });
}

}  // namespace fovea::app
