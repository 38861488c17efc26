// read_video_part: the content parts that hold a video: vLLM's video_url, llama-server's input_video, and the
// list of frames that Qwen's clients send. Pure functions over bytes.
#pragma once

#include <string_view>

#include "serve/openai/chat_request.h"

namespace fovea::serve {

// Whether `type`, a content part's, is one of a video.
bool is_video_part(std::string_view type);

// Appends the video to the last message of `request`: one image that stands for a file's frames (with
// ImageReference::video), or an image for each frame of a list. Which frames are taken of a file may be said
// beside its URL or in the part: fps and num_frames (Qwen's nframes), where -1 says nothing.
// REQUIRES: is_video_part of its type; `request` has a message.
Parsed<void> read_video_part(const JsonObject& part, const RequestRules& rules, ChatRequest& request);

}  // namespace fovea::serve
