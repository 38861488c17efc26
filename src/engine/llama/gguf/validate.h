// Whether a pair of model files can be given to the libraries, checked before these see a byte of them.
//
// libllama and libmtmd trust a model file: a width that does not fit, a missing token or a zero count ends
// the process, at loading or at the first image. Such a pair is refused here with a sentence that names the
// file. Only what is known to break is refused; architectures and projectors without checks of their own pass
// on the general ones. Pure functions; thread-safe.
#pragma once

#include <filesystem>

#include "engine/llama/gguf/gguf_file.h"
#include "fovea/result.h"

namespace fovea::llama {

// Accepts the pair, or says what is wrong with it and what to do.
// Faults: those of GgufFile::open; invalid for files that are swapped, lack a part or do not belong together;
// corrupt for metadata and tensors that contradict each other; unsupported for a projector that libmtmd does
// not know.
Result<void> validate_pair(const std::filesystem::path& decoder, const std::filesystem::path& mmproj);

// The same for files whose heads have been read.
Result<void> validate_pair(const GgufFile& decoder, const GgufFile& mmproj);

// Accepts a language model that is used without a vision encoder. Faults: as for a pair.
Result<void> validate_decoder(const std::filesystem::path& decoder);

}  // namespace fovea::llama
