// The tokens that libmtmd puts around and between the tiles of an image, which the decoder's vocabulary must
// have.
//
// libmtmd looks some of them up by their text, and feeds token -1 when the vocabulary has none. Others it
// writes as text, which becomes meaningless letters before each image if the token is missing. Both mean that
// the two files are not of one model. A pure function; thread-safe.
#pragma once

#include "engine/llama/gguf/gguf_file.h"
#include "fovea/result.h"

namespace fovea::llama {

// Accepts a decoder whose vocabulary has the tokens of the mmproj's projector.
// Faults: invalid, naming the missing token.
Result<void> check_special_tokens(const GgufFile& decoder, const GgufFile& mmproj);

}  // namespace fovea::llama
