// read_prediction: what a client expects the answer to be, OpenAI's `prediction`. Pure functions.
#pragma once

#include <string>

#include "serve/wire/json_reader.h"

namespace fovea::serve {

// The text of {"type": "content", "content": TEXT or [{"type": "text", "text": TEXT}, ...]}; empty without a
// prediction. Refused: any other shape.
Parsed<std::string> read_prediction(const JsonObject& body);

}  // namespace fovea::serve
