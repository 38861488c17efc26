// The flags that choose a model and say how it runs, shared by every verb that answers questions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace CLI {
class App;
}

namespace fovea::app {

struct ModelFlags {
  std::string model;  // empty: the bundled model
  std::string mmproj;
  std::int32_t threads = 0;
  std::uint32_t ctx_size = 0;
  std::int32_t gpu_layers = -1;
  std::string kernels = "auto";       // auto, f32 or ggml
  std::string attention_layers;       // the layers whose attention is recorded; empty = none. Not a flag of every verb
  std::uint32_t parallel = 1;         // slots of the decoder. Not a flag of every verb
  std::string drafts;                 // off, auto or on; empty = auto with `draft`, or several side by side
  std::uint32_t draft_max = 8;        // tokens for each answer in a step
  std::string draft;                  // a small model of the same vocabulary that drafts; empty = none
  bool allow_control_tokens = false;  // what somebody writes may have control tokens
};

// Adds the flags to `verb`. `flags` must outlive its parsing.
void add_model_flags(CLI::App& verb, ModelFlags& flags);

// What a profile calls the model: "bundled", or its file's name without the ending.
std::string profiled_name(const ModelFlags& flags);

// That no tokens are drafted though the flags ask for it, and why; empty where they are, or nobody asked.
std::string without_drafts(const ModelFlags& flags, const VisionLanguageEngine& engine);

// Writes a line to stderr.
void tell_on_stderr(std::string_view told);

// Fingerprints and loads the model, with a progress bar on a terminal. `tell` gets a sentence, on the
// engine's thread, when a draft model fails. Faults: those of LlamaEngine::open.
Result<std::unique_ptr<VisionLanguageEngine>> open_engine(const ModelFlags& flags,
                                                          std::function<void(std::string_view)> tell = tell_on_stderr);

}  // namespace fovea::app
