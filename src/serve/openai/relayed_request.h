// RelayedRequest: a chat request as a relay reads it: its images, and everything else as it was sent.
//
// The server behind the relay decides what it supports, so only what cannot be read is refused. Pure
// functions over bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serve/openai/chat_request.h"

namespace fovea::serve {

struct RelayedRequest {
  std::vector<ImageReference> images;  // in their order
  // The request's JSON in one line, each image replaced by its index and the fields beside it, without the
  // fields that do not change the answer: stream, stream_options, user and the like.
  std::string question;
  bool stream = false;
  bool include_usage = false;
  bool deterministic = false;  // temperature 0, or a seed
};

Parsed<RelayedRequest> read_relayed_request(const JsonObject& body, const RequestRules& rules);

// The request's JSON with each image as a data: URL, for a server that cannot resolve our file ids. `sources`
// are the bytes of the images, in their order.
std::string with_inline_images(const JsonObject& body, const std::vector<Blob>& sources);

}  // namespace fovea::serve
