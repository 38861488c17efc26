#include "engine/models.h"

#include <unistd.h>

#include <cstdlib>
#include <format>
#include <memory>
#include <print>

#include "engine/llama/llama_engine.h"
#include "engine/llama/synth.h"
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

Engine open_tiny(const std::string& attention_layers) {
  return value_of(
      llama::LlamaEngine::open({.model = tiny_model, .mmproj = tiny_mmproj, .attention_layers = attention_layers}));
}

Engine open_idefics3(const std::string& attention_layers) {
  const auto folder = std::filesystem::temp_directory_path() / std::format("fovea-test-model-{}", getpid());
  const auto paths = llama::synthesise(small_idefics3(), {.directory = folder});
  Engine engine = value_of(paths.and_then([&](const llama::SynthPaths& pair) {
    return llama::LlamaEngine::open(
        {.model = pair.decoder, .mmproj = pair.mmproj, .attention_layers = attention_layers});
  }));
  std::filesystem::remove_all(folder);  // what is loaded stays mapped
  return engine;
}

}  // namespace

VisionLanguageEngine& engine_of(TestModel model) {
  switch (model) {
    case TestModel::tiny: {
      static const Engine engine = open_tiny("");
      return *engine;
    }
    case TestModel::idefics3: {
      static const Engine engine = open_idefics3("");
      return *engine;
    }
    case TestModel::tiny_watched: {
      static const Engine engine = open_tiny("all");
      return *engine;
    }
    case TestModel::idefics3_watched: {
      static const Engine engine = open_idefics3("all");
      return *engine;
    }
  }
  std::abort();
}

}  // namespace fovea::test
