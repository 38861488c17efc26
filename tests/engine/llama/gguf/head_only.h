// head_only: GGUF files of metadata alone, for checks that look at no weight.
#pragma once

#include <filesystem>
#include <functional>

#include "engine/llama/gguf/gguf_file.h"
#include "engine/llama/gguf/gguf_writer.h"
#include "engine/mutilation.h"

namespace fovea::test {

// The head that `fill` sets, written to a scratch folder and read back.
inline llama::GgufFile head_only(const std::function<void(llama::GgufWriter&)>& fill) {
  const ScratchFolder folder;
  llama::GgufWriter writer;
  fill(writer);
  const auto path = folder.path() / "head.gguf";
  writer.write(path, {}).value();
  return llama::GgufFile::open(path).value();
}

}  // namespace fovea::test
