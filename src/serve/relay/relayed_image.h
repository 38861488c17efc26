// relayed_image: the images of a request in the form of any API that a relay knows: OpenAI's image_url,
// input_image and uploaded files, and Anthropic's image blocks; and uploaded videos. Pure functions over
// bytes.
#pragma once

#include <string>

#include "engine/upstream/relayed_api.h"
#include "serve/openai/chat_request.h"

namespace fovea::serve {

// Whether `part` is a video that was uploaded here. Other videos are passed on as they are.
bool is_relayed_video(const JsonObject& part);

// Whether `part` is an image, or a file that was uploaded here.
bool is_relayed_image(const JsonObject& part);

// REQUIRES: is_relayed_image(part).
Parsed<ImageReference> read_relayed_image(const JsonObject& part, const RequestRules& rules);

// The fields beside an image, as two JSON objects: of the image (its detail) and of the part. All of them may
// change the answer.
struct BesideImage {
  std::string of_image, of_part;
};
// REQUIRES: read_relayed_image() accepted the part.
BesideImage beside_image(const JsonObject& part);

// The part with the image's bytes inside, in the form that servers of the API take: an uploaded file and, in
// chat completions, an input_image become an image_url, and a video a video_url or input_video.
// REQUIRES: read_relayed_image() accepted the part.
std::string inline_image(RelayedApi api, const JsonObject& part, const Blob& source);

}  // namespace fovea::serve
