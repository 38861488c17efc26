// LaidOut: a request's prompt as the model would read it, and its images, without an embedding of them. A
// plain value.
#pragma once

#include <memory>
#include <vector>

#include "engine/engine.h"
#include "fovea/key.h"

namespace fovea {

struct LaidOut {
  Prompt prompt;                         // an ImageSlot is an index into what follows
  std::unique_ptr<PromptLayout> layout;  // never null
  std::vector<Key> image_keys;           // by the request's sources
  std::vector<ImageSize> image_sizes;    // the same
};

}  // namespace fovea
