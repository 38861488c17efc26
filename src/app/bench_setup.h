// What a bench needs before it can ask anything: scenarios, questions, pictures, and those who are asked.
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

// The scenarios that the flags name - bundled ones, or files - with what the flags change in them. Faults: not_found, invalid.
Result<std::vector<Scenario>> scenarios_of(const BenchFlags& flags);

Result<std::vector<std::uint64_t>> seeds_of(const BenchFlags& flags);

// The pool of questions, each once. Faults: those of reading them; invalid (none in it).
Result<std::vector<std::string>> questions_of(const BenchFlags& flags);

// Those who are asked. `engine` is opened where levels of this process are among them, and stays there for later calls.
Result<std::vector<BenchedTarget>> targets_of(const BenchFlags& flags, std::unique_ptr<VisionLanguageEngine>& engine);

// The tokens that a picture of this size takes in a prompt.
Result<std::uint32_t> image_tokens(VisionLanguageEngine& engine, std::uint32_t width, std::uint32_t height);

}  // namespace fovea::app
