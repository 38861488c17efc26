// RelayedRequest: a request as a relay reads it: its images, wherever in the conversation they are (also in
// the results of tools), and everything else as it was sent.
//
// The server behind the relay decides what it supports, so only what cannot be read is refused. Pure
// functions over bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/upstream/relayed_api.h"
#include "serve/openai/chat_request.h"

namespace fovea::serve {

struct RelayedRequest {
  std::vector<ImageReference> images;  // in their order
  // The request's JSON in one line, without the fields that do not change the answer, and with each image
  // replaced by its index and the fields beside it, and ids of tool calls by their numbers. What stands for
  // them is no JSON, so that no client can send it.
  std::string question;
  bool stream = false;
  bool include_usage = false;
  bool deterministic = false;  // temperature 0, or a seed that is none of those for a fresh one
  // The answer depends on what that server keeps, or looks up: a conversation, the web, a document by its
  // address. It is not kept here.
  bool stateful = false;
};

Parsed<RelayedRequest> read_relayed_request(RelayedApi api, const JsonObject& body, const RequestRules& rules);

// The request's JSON with each image inside, for a server that cannot resolve our file ids. `sources` are the
// bytes of the images, in their order.
std::string with_inline_images(RelayedApi api, const JsonObject& body, const std::vector<Blob>& sources);

}  // namespace fovea::serve
