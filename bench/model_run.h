// ModelRun: what the benchmarks that run a model have in common: the model, the number of rounds, the size of
// pictures, and medians. A plain value.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <print>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/llama/llama_engine.h"
#include "or_exit.h"

namespace fovea::bench {

struct ModelRun {
  llama::LlamaOptions engine{.model = FOVEA_SOURCE_DIR "/models/tiny/fovea-tiny.gguf",
                             .mmproj = FOVEA_SOURCE_DIR "/models/tiny/fovea-tiny-mmproj.gguf"};
  int rounds = 5;
  std::uint32_t side = 512;  // of a picture, in pixels

  void add_model(CLI::App& flags) {
    flags.add_option("--model", engine.model, "The decoder, GGUF (default: the bundled model)");
    flags.add_option("--mmproj", engine.mmproj, "Its vision encoder, GGUF");
    flags.add_option("--threads", engine.threads, "Processor threads; 0 = one for each processor");
  }
  void add_rounds(CLI::App& flags) {
    flags.add_option("--rounds", rounds, "Measured rounds; one more comes first and is not counted")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    flags.add_option("--side", side, "Of a picture, in pixels")->check(CLI::Range(64, 8192))->capture_default_str();
  }
  void print(std::string_view program) const {
    std::println("{}: {} + {}, {} x {} pixels, {} rounds, {} processors", program, engine.model.filename().string(),
                 engine.mmproj.filename().string(), side, side, rounds, std::thread::hardware_concurrency());
  }
};

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace fovea::bench
