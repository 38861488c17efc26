#include "engine/models.h"

#include <unistd.h>

#include <cstdlib>
#include <format>
#include <memory>
#include <print>

#include "engine/llama/llama_engine.h"
#include "engine/llama/synth/synth.h"
#include "engine/small_shape.h"

namespace fovea::test {

namespace {

using Engine = std::unique_ptr<VisionLanguageEngine>;

// The value, or the end of the test program: without a model there is nothing to test.
template <typename T>
T value_of(Result<T> result) {
  if (result) return std::move(*result);
  std::println(stderr, "no model for the tests: {}", result.error().message);
  std::abort();
}

const llama::LlamaOptions on_one_processor{.threads = 1};
const llama::LlamaOptions watched{.attention_layers = "all"};
const llama::LlamaOptions side_by_side{.threads = 1, .ctx_size = 1024, .parallel = 4};

Engine open_tiny(llama::LlamaOptions options = {}) {
  options.model = tiny_model;
  options.mmproj = tiny_mmproj;
  return value_of(llama::LlamaEngine::open(options));
}

Engine open_small(const llama::ModelShape& shape, llama::LlamaOptions options = {}) {
  const auto folder = std::filesystem::temp_directory_path() / std::format("fovea-test-model-{}", getpid());
  const auto paths = llama::synthesise(shape, {.directory = folder});
  Engine engine = value_of(paths.and_then([&](const llama::SynthPaths& pair) {
    options.model = pair.decoder;
    options.mmproj = pair.mmproj;
    return llama::LlamaEngine::open(options);
  }));
  std::filesystem::remove_all(folder);  // what is loaded stays mapped
  return engine;
}

}  // namespace

VisionLanguageEngine& engine_of(TestModel model) {
  switch (model) {
    case TestModel::tiny: {
      static const Engine engine = open_tiny();
      return *engine;
    }
    case TestModel::idefics3: {
      static const Engine engine = open_small(small_idefics3());
      return *engine;
    }
    case TestModel::tiny_watched: {
      static const Engine engine = open_tiny(watched);
      return *engine;
    }
    case TestModel::idefics3_watched: {
      static const Engine engine = open_small(small_idefics3(), watched);
      return *engine;
    }
    case TestModel::tiny_parallel: {
      static const Engine engine = open_tiny(side_by_side);
      return *engine;
    }
    case TestModel::idefics3_parallel: {
      static const Engine engine = open_small(small_idefics3(), side_by_side);
      return *engine;
    }
    case TestModel::windowed: {
      static const Engine engine = open_small(small_windowed(), on_one_processor);
      return *engine;
    }
    case TestModel::windowed_parallel: {
      static const Engine engine = open_small(small_windowed(), side_by_side);
      return *engine;
    }
    case TestModel::hybrid: {
      static const Engine engine = open_small(small_hybrid(), on_one_processor);
      return *engine;
    }
    case TestModel::hybrid_parallel: {
      static const Engine engine = open_small(small_hybrid(), side_by_side);
      return *engine;
    }
    case TestModel::gemma3: {
      static const Engine engine = open_small(small_gemma3(), on_one_processor);
      return *engine;
    }
    case TestModel::qwen25: {
      static const Engine engine = open_small(small_qwen25(), on_one_processor);
      return *engine;
    }
    case TestModel::internvl: {
      static const Engine engine = open_small(small_internvl(), on_one_processor);
      return *engine;
    }
    case TestModel::minicpmv: {
      static const Engine engine = open_small(small_minicpmv(), on_one_processor);
      return *engine;
    }
  }
  std::abort();
}

}  // namespace fovea::test
