// asked_pictures: what a Prefetcher is told of a request that was answered. A pure function.
#pragma once

#include <span>

#include "engine/prompt_layout.h"
#include "fovea/key.h"
#include "pipeline/levels/prefix_level.h"
#include "pipeline/request_context.h"
#include "prefetch/asked_request.h"

namespace fovea {

// What became of a request on its way; `layout` is null where the prompt was not laid out.
struct AnsweredRequest {
  const RequestContext& context;
  std::span<const Key> image_keys;
  const Key& vision_fingerprint;  // of the engine
  const PromptLayout* layout;
  const PrefixUse& prefix;
  double began_ms;
};

// Which pictures it asked for, and where what it needed of them was found. REQUIRES: it has a session.
AskedRequest asked_pictures(const AnsweredRequest& answered);

}  // namespace fovea
