// What a bench needs before its first request: scenarios, seeds, questions and targets, from the flags.
//
// Stateless functions, for one thread: they may load a model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/flags/bench_flags.h"
#include "bench/bench_run.h"
#include "workload/scenario.h"

namespace fovea::app {

// The scenarios that the flags name (bundled ones, or files), with the changes that the flags make. Faults:
// not_found, invalid.
Result<std::vector<Scenario>> scenarios_of(const BenchFlags& flags);

Result<std::vector<std::uint64_t>> seeds_of(const BenchFlags& flags);

// The pool of questions, each once. Faults: those of reading them; invalid (there are none).
Result<std::vector<std::string>> questions_of(const BenchFlags& flags);

// The targets. If levels of this process are among them, this opens `engine`, which later calls use too.
Result<std::vector<BenchedTarget>> targets_of(const BenchFlags& flags, std::unique_ptr<VisionLanguageEngine>& engine);

// The tokens of a picture of this size in a prompt.
Result<std::uint32_t> image_tokens(VisionLanguageEngine& engine, std::uint32_t width, std::uint32_t height);

}  // namespace fovea::app
