// ChatRequest: what POST /v1/chat/completions asks, read from OpenAI's JSON.
//
// Fields that OpenAI does not know are ignored; those that it knows and a vision-language model here cannot do are refused by
// name, so that nobody gets an answer to another request than theirs. Pure functions over bytes.
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

namespace fovea::serve {

// How a request names a picture besides sending its bytes.
struct PictureUrl {
  std::string url;
};
struct PictureFile {
  std::string id;
};

// A picture of a request, and which of its fields it came in.
struct AskedPicture {
  std::variant<Blob, PictureUrl, PictureFile> from;
  std::string where;
};

// What the server's operator decides about requests.
struct RequestRules {
  GenerateOptions defaults;  // where the request says nothing
  std::uint64_t picture_bytes_max = std::uint64_t{32} << 20;
  std::size_t pictures_max = 128;     // no context holds more; each may take a decode
  std::size_t messages_max = 10'000;  // the same
};

struct ChatRequest {
  std::string model;  // as asked; empty if not
  std::vector<Message> messages;
  std::vector<AskedPicture> pictures;  // an ImageSlot in a message is an index here
  GenerateOptions options;
  bool stream = false;
  bool include_usage = false;                // in a stream, which has none otherwise
  std::optional<std::int32_t> top_logprobs;  // absent = no log probabilities
  std::string cache_salt;                    // narrows who shares entries with this request
};

// Refused: the field that is wrong, and how.
Parsed<ChatRequest> read_chat_request(const JsonObject& body, const RequestRules& rules);

// Reads what requests of every kind say of the model and of how the answer is sent: model, stream, stream_options, cache_salt.
Parsed<void> read_delivery(const JsonObject& body, ChatRequest& request);

}  // namespace fovea::serve
