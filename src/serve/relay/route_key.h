// route_key: what a relayed request is routed by in a fleet, where it has no picture whose bytes are known
// here. Pure functions over bytes.
#pragma once

#include <optional>
#include <vector>

#include "engine/upstream/relayed_api.h"
#include "fovea/key.h"
#include "serve/openai/chat_request.h"

namespace fovea::serve {

// Of the first of `images`, the request's, that is inline or at an address; of prompt_cache_key; or of the
// conversation's beginning, which its later requests repeat: all up to the first message of a user. The first
// of these that there is. Absent where there is none, and where the conversation began in an earlier request
// that is named by its id.
std::optional<Key> route_key(RelayedApi api, const JsonObject& body, const std::vector<ImageReference>& images);

}  // namespace fovea::serve
