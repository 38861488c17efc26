// What a bench needs before its first request, read from the flags: scenarios, seeds, questions, targets. For
// one thread; the caller owns what is returned.
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

// The scenarios that the flags name, bundled ones or files, with the changes that other flags make to them.
// Faults: not_found, invalid.
Result<std::vector<Scenario>> scenarios_of(const BenchFlags& flags);

// Faults: invalid (no list of different numbers).
Result<std::vector<std::uint64_t>> seeds_of(const BenchFlags& flags);

// The questions to choose from, each once. Faults: those of reading them; invalid (there are none).
Result<std::vector<std::string>> questions_of(const BenchFlags& flags);

// The targets. `engine` is opened if a target is a pipeline of this process, and is used again by later
// calls.
// Faults: invalid; those of opening the engine and the servers.
Result<std::vector<BenchedTarget>> targets_of(const BenchFlags& flags, std::unique_ptr<VisionLanguageEngine>& engine);

// The tokens of a picture of this size in a prompt. Faults: those of lay_out().
Result<std::uint32_t> image_tokens(VisionLanguageEngine& engine, std::uint32_t width, std::uint32_t height);

}  // namespace fovea::app
