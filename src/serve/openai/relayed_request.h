// RelayedRequest: a chat request as a server between client and model reads it: where its pictures are, and all else as it came.
//
// What a model can do is its server's matter, so nothing is refused but what cannot be read. Pure functions over bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serve/openai/chat_request.h"

namespace fovea::serve {

struct RelayedRequest {
  std::vector<AskedPicture> pictures;  // in the order in which they come
  // The request's JSON in one line, each picture's place taken by its number and what stood beside it, without the fields
  // that do not change the answer: stream, stream_options, user and the like.
  std::string question;
  bool stream = false;
  bool include_usage = false;
  bool deterministic = false;  // temperature 0, or a seed
};

Parsed<RelayedRequest> read_relayed_request(const JsonObject& body, const RequestRules& rules);

// The request's JSON with each picture as its bytes, a data: URL, for a server that knows none of our files. `sources` are
// those of the pictures, in their order.
std::string with_pictures_inside(const JsonObject& body, const std::vector<Blob>& sources);

}  // namespace fovea::serve
