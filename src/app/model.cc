// fovea model: what a model file is, and model files of a real model's shape for measuring.
#include <cstdio>
#include <format>
#include <memory>
#include <optional>
#include <print>
#include <string>
#include <vector>

#include "app/output/model_info_text.h"
#include "app/terminal/interrupts.h"
#include "app/terminal/progress_bar.h"
#include "app/verbs.h"
#include "base/units.h"
#include "engine/llama/gguf/model_info.h"
#include "engine/llama/synth/synth.h"

namespace fovea::app {

namespace {

struct InfoFlags {
  std::vector<std::string> files;
  bool json = false;
};

struct SynthFlags {
  std::string like;
  llama::SynthOptions options;
  std::optional<std::uint32_t> preproc;
  bool dry_run = false;
};

int failed(const Error& error) {
  std::println(stderr, "fovea: {}", error.message);
  if (error.fault == Fault::cancelled) return 130;
  return error.fault == Fault::invalid ? 2 : 1;
}

// Describes every file that can be described; one that cannot does not hide the others.
int show_info(const InfoFlags& flags) {
  const FingerprintMemo memo = FingerprintMemo::in_user_cache();
  int exit_code = 0;
  for (bool first = true; const std::string& file : flags.files) {
    auto info = [&] {
      ProgressBar bar("Fingerprinting");
      return llama::read_model_info(file, memo, [&](double fraction) { bar.update(fraction); });
    }();
    if (!info) {
      std::println(stderr, "fovea: {}", info.error().message);
      exit_code = 1;
      continue;
    }
    if (flags.json)
      std::println("{}", model_info_json(*info));
    else
      std::print("{}{}", first ? "" : "\n", model_info_text(*info));
    first = false;
  }
  return exit_code;
}

Result<llama::ModelShape> shape_of(const SynthFlags& flags) {
  auto shape = llama::synth_shape(flags.like);
  if (!shape || !flags.preproc) return shape;
  if (shape->vision.image_size_max == 0) {
    return fail(Fault::invalid, std::format("--preproc: {} does not cut pictures into tiles", shape->name));
  }
  shape->vision.image_size_max = *flags.preproc;
  return shape;
}

std::string size_text(const llama::SynthFileSize& file) {
  return std::format("{}  {} parameters in {} tensors, {}", file.path.string(), count_text(file.parameters),
                     file.tensors, format_bytes(file.bytes));
}

// Writes the pair with a bar; Ctrl-C stops between two pieces of work.
Result<llama::SynthPaths> write_pair(const llama::ModelShape& shape, llama::SynthOptions options) {
  Interrupts interrupts;
  options.cancelled = [stop = interrupts.watch()] { return stop.stop_requested(); };
  ProgressBar bar(std::format("Writing {}", shape.name));
  return llama::synthesise(shape, options, [&](double fraction) { bar.update(fraction); });
}

int write_model(const SynthFlags& flags) {
  const auto shape = shape_of(flags);
  if (!shape) return failed(shape.error());
  const auto sizes = llama::size_synthesis(*shape, flags.options);
  if (!sizes) return failed(sizes.error());
  if (!flags.dry_run) {
    if (const auto paths = write_pair(*shape, flags.options); !paths) return failed(paths.error());
  }
  std::println("{}\n{}", size_text(sizes->decoder), size_text(sizes->mmproj));
  if (!flags.dry_run) {
    std::println(stderr, "Try:  fovea ask PICTURE \"QUESTION\" -m {} --mmproj {}", sizes->decoder.path.string(),
                 sizes->mmproj.path.string());
  }
  return 0;
}

void add_info(CLI::App& model, int& exit_code) {
  auto flags = std::make_shared<InfoFlags>();
  CLI::App& info = *model.add_subcommand("info", "Show what model files are: shape, tokens, size, fingerprint");
  info.footer(
      "Only the head of a file is read, and nothing is run. The fingerprint is that of the whole content: it is what\n"
      "keeps stored results of one model from being given to another; it is remembered until the file changes.\n\n"
      "  fovea model info model.gguf mmproj.gguf\n"
      "  fovea model info model.gguf --json\n\n"
      "Exit codes: 0 shown, 1 a file could not be, 2 wrong usage.");
  info.add_option("files", flags->files, "Model files in GGUF format: decoders and vision encoders (mmproj)")
      ->required()
      ->type_name("")
      ->option_text("FILE...");
  info.add_flag("--json", flags->json, "One JSON object a file, each on a line of its own");
  info.callback([flags, &exit_code] { exit_code = show_info(*flags); });
}

void add_synth(CLI::App& model, int& exit_code) {
  auto flags = std::make_shared<SynthFlags>();
  CLI::App& synth = *model.add_subcommand("synth", "Write a model of a real one's shape with random weights");
  synth.footer(
      "The pair of files costs exactly the arithmetic of the real model and talks nonsense: for measuring speed where "
      "the\n"
      "real weights cannot be had. The same options give the same bytes on every machine. An interrupted run leaves\n"
      "nothing behind.\n\n"
      "  fovea model synth --like smolvlm-256m --out models\n"
      "  fovea model synth --like smolvlm-256m --out models --preproc 512     a picture is one tile and an overview\n"
      "  fovea model synth --like llava-1.5-7b --out models --type q4_0 --dry-run\n\n"
      "Exit codes: 0 written, 1 failed, 2 wrong usage, 130 interrupted.");
  synth.add_option("--like", flags->like, "The model whose shape it has")
      ->required()
      ->check(CLI::IsMember(llama::synth_names()))
      ->type_name("NAME");
  synth.add_option("--out", flags->options.directory, "The folder to write into; made when needed")
      ->required()
      ->type_name("DIR");
  synth.add_option("--type", flags->options.type, "The number type of the weights")
      ->check(CLI::IsMember(llama::synth_types()))
      ->capture_default_str()
      ->type_name("TYPE");
  synth.add_option("--seed", flags->options.seed, "Another seed draws other weights")
      ->capture_default_str()
      ->type_name("N");
  synth
      .add_option("--preproc", flags->preproc,
                  "Scale pictures to this many pixels before they are cut into tiles (default: as the real model)")
      ->check(CLI::Range(1, 1 << 14))
      ->type_name("PIXELS");
  synth.add_flag("--dry-run", flags->dry_run, "Only say what would be written, and how large it would be");
  synth.callback([flags, &exit_code] { exit_code = write_model(*flags); });
}

}  // namespace

void add_model(CLI::App& app, int& exit_code) {
  CLI::App& model = *app.add_subcommand("model", "RecentRequest into model files, or write one to measure with");
  model.require_subcommand(1);
  add_info(model, exit_code);
  add_synth(model, exit_code);
}

}  // namespace fovea::app
