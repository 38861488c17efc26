// Intake: what a client asked for, as a Request of the pipeline: with its images' bytes, and in the name of
// its tenant. Thread-safe. Borrows what it is made with.
#pragma once

#include <optional>

#include "pipeline/request.h"
#include "serve/exchange.h"
#include "serve/image_resolver.h"
#include "serve/openai/chat_request.h"
#include "serve/tenants.h"
#include "serve/video_frames.h"

namespace fovea::serve {

class Intake {
 public:
  struct Parts {
    const ImageResolver& images;
    RequestRules rules;
    std::optional<double> timeout_ms;  // of every request
    bool attention = false;            // the engine reports attention, and somebody looks at it
  };
  explicit Intake(Parts parts) : parts_(std::move(parts)), videos_(parts_.rules) {}

  const RequestRules& rules() const { return parts_.rules; }

  // The body of `exchange`, read by `read_request` (read_chat_request and the like).
  template <typename ReadRequest>
  auto read(const Exchange& exchange, ReadRequest read_request) const
      -> decltype(read_request(std::declval<JsonObject>(), std::declval<RequestRules>())) {
    const auto body = parse_json(exchange.body());
    if (!body) return std::unexpected(body.error());
    return read_request(*body, parts_.rules);
  }

  // Gets the images, and the frames of videos. Refused: those of ImageResolver::sources and VideoFrames.
  Parsed<Request> request_of(ChatRequest asked, const Exchange& exchange, const Tenant& tenant) const;

 private:
  const Parts parts_;
  const VideoFrames videos_;
};

}  // namespace fovea::serve
