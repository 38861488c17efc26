// Synthesis: a pair of GGUF files with a real model's exact architecture, shape and hyperparameters, and
// random weights.
//
// It is for measuring speed where the real weights cannot be had, and for tests that need a model of a
// certain shape. The pair costs the same arithmetic as the real one and answers nonsense: words of random
// syllables, others for another image. An answer never ends by itself, so that a run of 20 tokens has 20
// tokens. The same shape, type and seed give the same bytes. Functions are thread-safe for different
// directories.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "engine/llama/gguf/model_shape.h"
#include "fovea/result.h"

namespace fovea::llama {

struct SynthOptions {
  std::filesystem::path directory;
  std::string type = "q8_0";  // of the matrices whose row length allows it; the rest as in published files
  std::uint64_t seed = 1;
  std::function<bool()> cancelled = [] { return false; };  // called between pieces of work
};

struct SynthPaths {
  std::filesystem::path decoder;
  std::filesystem::path mmproj;
};

// What one file of the pair would be.
struct SynthFileSize {
  std::filesystem::path path;
  std::size_t tensors;
  std::uint64_t parameters;
  std::uint64_t bytes;
};

struct SynthSizes {
  SynthFileSize decoder;
  SynthFileSize mmproj;
};

// The shapes that `--like` names, and one of them. Faults: invalid for an unknown name, with the known ones.
std::vector<std::string> synth_names();
Result<ModelShape> synth_shape(std::string_view name);

// The types that SynthOptions takes.
std::vector<std::string> synth_types();

// What synthesise() would write, without writing anything. Faults: invalid (type, shape).
Result<SynthSizes> size_synthesis(const ModelShape& shape, const SynthOptions& options);

// Writes the pair into the directory, which is made when needed. Each file gets its final name only when it
// is complete; a failed or cancelled call leaves no file.
// Faults: invalid (type, shape), unavailable (the disk is too full or fails), cancelled.
Result<SynthPaths> synthesise(const ModelShape& shape, const SynthOptions& options, const Progress& progress = {});

}  // namespace fovea::llama
