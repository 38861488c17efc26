// fovea model: describes model files, and writes model files of a real model's shape for measurements.
#include <CLI/CLI.hpp>
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

// Describes each file. A file that cannot be described does not hide the others.
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
    return fail(Fault::invalid,
                std::format("--preproc: {} does not scale pictures to one size before it divides them: leave it out",
                            shape->name));
  }
  shape->vision.image_size_max = *flags.preproc;
  return shape;
}

std::string size_text(const llama::SynthFileSize& file) {
  return std::format("{}  {} parameters in {} tensors, {}", file.path.string(), count_text(file.parameters),
                     file.tensors, format_bytes(file.bytes));
}

// Writes both files with a progress bar. Ctrl-C stops between two pieces of work.
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
  CLI::App& info = *model.add_subcommand("info", "Describe model files: shape, tokens, size, fingerprint");
  info.footer(
      "The shape comes from the file's header; no model is run. The fingerprint is a hash of the whole file. It is "
      "part\n"
      "of every cache key, so that a result of one model is never used for another. It is kept until the file "
      "changes.\n\n"
      "  fovea model info model.gguf mmproj.gguf\n"
      "  fovea model info model.gguf --json\n\n"
      "Exit codes: 0 described, 1 a file cannot be described, 2 wrong usage.");
  info.add_option("FILE", flags->files, "Model files in GGUF format: decoders and vision encoders (mmproj)")
      ->required()
      ->type_name("")
      ->option_text("...");
  info.add_flag("--json", flags->json, "Print each file as one JSON object on one line");
  info.callback([flags, &exit_code] { exit_code = show_info(*flags); });
}

void add_synth(CLI::App& model, int& exit_code) {
  auto flags = std::make_shared<SynthFlags>();
  CLI::App& synth = *model.add_subcommand("synth", "Write a model with a real model's shape and random weights");
  synth.footer(
      "The two files need exactly the arithmetic of the real model, and their answers mean nothing: they are for\n"
      "measuring speed without the real weights. The same options give the same bytes on every machine. An "
      "interrupted\n"
      "run leaves no files behind.\n\n"
      "  fovea model synth --like smolvlm-256m --out models\n"
      "  fovea model synth --like smolvlm-256m --out models --preproc 512     a picture is one tile and an overview\n"
      "  fovea model synth --like llava-1.5-7b --out models --type q4_0 --dry-run\n\n"
      "Exit codes: 0 written, 1 failed, 2 wrong usage, 130 interrupted.");
  synth.add_option("--like", flags->like, "The model whose shape to use")
      ->required()
      ->check(CLI::IsMember(llama::synth_names()))
      ->type_name("NAME");
  synth.add_option("--out", flags->options.directory, "The folder to write into; it is made if it does not exist")
      ->required()
      ->type_name("DIR");
  synth.add_option("--type", flags->options.type, "The number type of the weights")
      ->check(CLI::IsMember(llama::synth_types()))
      ->capture_default_str()
      ->type_name("TYPE");
  synth.add_option("--seed", flags->options.seed, "The seed of the random weights")
      ->capture_default_str()
      ->type_name("N");
  synth
      .add_option("--preproc", flags->preproc,
                  "Scale pictures to this many pixels before they are divided into tiles (default: as the real model)")
      ->check(CLI::Range(1, 1 << 14))
      ->type_name("PIXELS");
  synth.add_flag("--dry-run", flags->dry_run, "Print the names and sizes of the files, and write nothing");
  synth.callback([flags, &exit_code] { exit_code = write_model(*flags); });
}

}  // namespace

void add_model(CLI::App& app, int& exit_code) {
  CLI::App& model = *app.add_subcommand("model", "Describe model files, or write one for measurements");
  model.require_subcommand(1);
  model.footer(
      "  fovea model info model.gguf mmproj.gguf\n"
      "  fovea model synth --like smolvlm-256m --out models");
  add_info(model, exit_code);
  add_synth(model, exit_code);
}

}  // namespace fovea::app
