// The model is opened with one progress bar for both of its slow parts: fingerprinting and loading.
#include "app/flags/model_flags.h"

#include <CLI/CLI.hpp>

#include "app/bundled.h"
#include "app/terminal/progress_bar.h"
#include "engine/llama/llama_engine.h"

namespace fovea::app {

namespace {
constexpr const char* group = "Model";
}

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
                  "Layers that run on a GPU, if a backend for it is installed; 0 = none (default: all)")
      ->type_name("N")
      ->group(group);
  verb.add_flag("--allow-control-tokens", flags.allow_control_tokens,
                "Take the texts of control tokens in messages for control tokens, as other servers do "
                "(default: they are plain text)")
      ->group(group);
}

Result<std::unique_ptr<VisionLanguageEngine>> open_engine(const ModelFlags& flags) {
  llama::LlamaOptions options{.model = flags.model,
                              .mmproj = flags.mmproj,
                              .threads = flags.threads,
                              .ctx_size = flags.ctx_size,
                              .parallel = flags.parallel,
                              .gpu_layers = flags.gpu_layers,
                              .attention_layers = flags.attention_layers,
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
