// The models that tests run: the bundled one, and small ones that are synthesised with random weights: of
// idefics3's shape (several tiles an image), and with decoders that cannot go back (small_shape.h).
#pragma once

#include <filesystem>

#include "engine/engine.h"

namespace fovea::test {

inline const std::filesystem::path tiny_model = FOVEA_SOURCE_DIR "/models/tiny/fovea-tiny.gguf";
inline const std::filesystem::path tiny_mmproj = FOVEA_SOURCE_DIR "/models/tiny/fovea-tiny-mmproj.gguf";

// The watched ones give attention summaries, of all layers. The parallel ones have four slots, on one
// processor, in a context that is too small for four large requests.
enum class TestModel : std::uint8_t {
  tiny,
  idefics3,
  tiny_watched,
  idefics3_watched,
  tiny_parallel,
  idefics3_parallel,
  windowed,
  windowed_parallel,
  hybrid,
  hybrid_parallel,
  gemma3,
  qwen25,
  internvl,
  minicpmv,
};

// An engine with the model, loaded at its first use in this process and kept.
VisionLanguageEngine& engine_of(TestModel model);

}  // namespace fovea::test
