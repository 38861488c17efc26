// The tokens that libmtmd puts around and between the tiles of a picture, which the decoder's vocabulary must hold.
//
// libmtmd looks some up by their text and feeds token -1 when there is none; others it writes as text, which without
// the token becomes meaningless letters before each picture. Both mean that the two files are not of one model.
// Thread-safe.
#pragma once

#include "engine/llama/gguf/gguf_file.h"
#include "fovea/result.h"

namespace fovea::llama {

// Accepts a decoder whose vocabulary has the tokens of the mmproj's projector. Faults: invalid, naming the missing
// token.
Result<void> check_special_tokens(const GgufFile& decoder, const GgufFile& mmproj);

}  // namespace fovea::llama
