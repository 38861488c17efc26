// The model is opened with one progress bar for both of its slow parts: fingerprinting and loading.
#include "app/flags/model_flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <format>
#include <print>
#include <string_view>

#include "app/bundled.h"
#include "app/terminal/progress_bar.h"
#include "engine/llama/llama_engine.h"

namespace fovea::app {

namespace {

constexpr const char* group = "Model";

// With one request at a time each is computed as if alone, to the bit, unless the user gives that up: by
// asking for drafts, or with a model for them.
llama::DraftMode draft_mode(const ModelFlags& flags) {
  if (flags.drafts == "on") return llama::DraftMode::on;
  const bool automatic = flags.drafts.empty() ? flags.parallel > 1 || !flags.draft.empty() : flags.drafts == "auto";
  return automatic ? llama::DraftMode::automatic : llama::DraftMode::off;
}

}  // namespace

void add_model_flags(CLI::App& verb, ModelFlags& flags) {
  auto* model = verb.add_option("-m,--model", flags.model, "The decoder, a GGUF file (default: the bundled model)")
                    ->type_name("FILE")
                    ->group(group);
  auto* mmproj = verb.add_option("--mmproj", flags.mmproj, "The vision encoder of the model, a GGUF file")
                     ->type_name("FILE")
                     ->group(group);
  model->needs(mmproj);
  mmproj->needs(model);
  verb.add_option("--threads", flags.threads, "CPU threads (default: one a processor)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N")
      ->group(group);
  verb.add_option("--ctx-size", flags.ctx_size,
                  "The context size in tokens, for prompt and answer together (default: the model's, at most 8192)")
      ->check(CLI::Range(256, 1 << 24))
      ->type_name("N")
      ->group(group);
  verb.add_option("--gpu-layers", flags.gpu_layers,
                  "Layers that run on a GPU, if a backend for it is installed; 0 = none, -1 = all (default: all)")
      ->check(CLI::Range(-1, 1 << 16))
      ->type_name("N")
      ->group(group);
  verb.add_option(
          "--kernels", flags.kernels,
          "What computes pictures and long prompts on the processor: auto = oneDNN, with bfloat16 for quantised "
          "weights where the processor multiplies it, and ggml where the unpacked weights would take more than "
          "half of the memory; f32 = oneDNN with float32; ggml = llama.cpp's own kernels, as llama-server")
      ->check(CLI::IsMember({"auto", "f32", "ggml"}))
      ->capture_default_str()
      ->type_name("NAME")
      ->group(group);
  verb.add_option("--drafts", flags.drafts,
                  "Guess tokens of answers ahead, from the prompt and from earlier answers about the same pictures, "
                  "and compute several in one step (speculative decoding): auto = as far as it is faster; on = "
                  "always; off. Answers stay the same but for the rounding of larger steps (default: auto where "
                  "several requests are computed side by side, else off). Models with recurrent layers get none")
      ->check(CLI::IsMember({"auto", "on", "off"}))
      ->type_name("WHEN")
      ->group(group);
  verb.add_option("--draft,--model-draft,--spec-draft-model", flags.draft,
                  "Also guess with this small model, a GGUF file with the same vocabulary, where no text has a guess; "
                  "it reads the conversation without its pictures (makes auto the default of --drafts)")
      ->type_name("FILE")
      ->group(group);
  verb.add_option("--draft-max", flags.draft_max, "The most tokens that are guessed ahead of an answer in a step")
      ->check(CLI::Range(1U, llama::LlamaOptions::draft_max_max))
      ->capture_default_str()
      ->group(group);
  verb.add_flag("--allow-control-tokens", flags.allow_control_tokens,
                "Take the texts of control tokens in messages for control tokens, as other servers do "
                "(default: they are plain text)")
      ->group(group);
}

std::string profiled_name(const ModelFlags& flags) {
  return flags.model.empty() ? "bundled" : std::filesystem::path(flags.model).stem().string();
}

std::string without_drafts(const ModelFlags& flags, const VisionLanguageEngine& engine) {
  const std::string_view obstacle = engine.draft_obstacle();
  const bool asked = !flags.drafts.empty() || !flags.draft.empty();
  if (obstacle.empty() || !asked || flags.drafts == "off") return {};
  return std::format("--drafts: there are none: {}", obstacle);
}

void tell_on_stderr(std::string_view told) { std::println(stderr, "fovea: {}", told); }

Result<std::unique_ptr<VisionLanguageEngine>> open_engine(const ModelFlags& flags,
                                                          std::function<void(std::string_view)> tell) {
  llama::LlamaOptions options{.model = flags.model,
                              .mmproj = flags.mmproj,
                              .threads = flags.threads,
                              .ctx_size = flags.ctx_size,
                              .parallel = flags.parallel,
                              .gpu_layers = flags.gpu_layers,
                              .attention_layers = flags.attention_layers,
                              .drafts = draft_mode(flags),
                              .draft_max = flags.draft_max,
                              .draft_model = flags.draft,
                              .on_draft_failure = std::move(tell),
                              .kernels = llama::parse_kernel_choice(flags.kernels).value(),
                              .allow_control_tokens = flags.allow_control_tokens};
  if (flags.model.empty()) {
    auto bundled = bundled_model();
    if (!bundled) return std::unexpected(bundled.error());
    options.model = bundled->model;
    options.mmproj = bundled->mmproj;
  }
  ProgressBar bar("Loading the model");
  // Each part gets half of the bar: fingerprinting reads the files once, loading maps them.
  options.on_fingerprint = [&](double fraction) { bar.update(fraction / 2); };
  options.on_load = [&](double fraction) { bar.update(0.5 + fraction / 2); };
  return llama::LlamaEngine::open(options);
}

}  // namespace fovea::app
