// ChatRequest: a request of POST /v1/chat/completions, read from OpenAI's JSON.
//
// Fields that would change an answer and are not supported are refused by name (request_fields.h), so that no
// client gets an answer to another request than it sent. Pure functions over bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/engine.h"
#include "fovea/blob.h"
#include "serve/wire/json_reader.h"
#include "video/frame_sampling.h"

namespace fovea::serve {

// The two ways in which a request names an image without sending its bytes.
struct ImageUrl {
  std::string url;
};
struct ImageFileId {
  std::string id;
};

// An image of a request: its bytes or its name, and the field that it came in
// ("messages[0].content[1].image_url.url").
struct ImageReference {
  std::variant<Blob, ImageUrl, ImageFileId> from;
  std::string where;
  std::optional<FrameSampling> video = std::nullopt;  // it is a video, of which these frames are taken
};

// The operator's defaults and limits for requests.
struct RequestRules {
  GenerateOptions defaults;  // for fields that the request leaves out
  std::uint64_t image_bytes_max = std::uint64_t{32} << 20;
  std::size_t images_max = 128;         // no context holds more, and each may have to be decoded
  std::uint32_t video_frames_max = 32;  // of one video; vLLM's number
  std::size_t messages_max = 10'000;    // no context holds more
  bool store_responses = false;         // of Responses requests that leave `store` out
};

struct ChatRequest {
  std::string model;  // as the request names it; may be empty
  std::vector<Message> messages;
  std::vector<ImageReference> images;  // an ImageSlot in a message is an index here
  std::optional<Prompt> prompt;        // rendered by the client, in place of messages
  GenerateOptions options;
  std::string format_field;     // that has options.json_schema
  std::uint32_t choices = 1;    // answers that are wanted
  std::string template_args;    // RenderOptions::template_args
  std::string prediction;       // what the answer is expected to be
  bool continue_final = false;  // the answer goes on with the last message, the assistant's
  bool stream = false;
  bool include_usage = false;                // in a stream, which has none otherwise
  bool timings = false;                      // llama-server's, with the end of the answer
  std::optional<std::int32_t> top_logprobs;  // absent = no log probabilities
  std::string cache_salt;                    // entries are shared only with requests of the same salt
  std::string camera;                        // whose frames the images are: prompt_cache_key; may be empty
  std::string session;                       // whose requests follow each other, as the client calls it; may be empty
};

// The refusal names the field that is wrong, and how.
Parsed<ChatRequest> read_chat_request(const JsonObject& body, const RequestRules& rules);

// Reads the fields that all kinds of requests share: model, stream, stream_options, cache_salt,
// timings_per_token, and what names the session: prompt_cache_key, user, or metadata.user_id.
Parsed<void> read_delivery(const JsonObject& body, ChatRequest& request);
// Reads n, the number of choices.
Parsed<void> read_count(const JsonObject& body, ChatRequest& request);
// Refuses an n above 1, where a reply has one answer.
Parsed<void> check_one_answer(const JsonObject& body);

}  // namespace fovea::serve
