// An answer as POST /v1/chat/completions replies it: whole, or as the events of a stream.
//
// One ChatReply writes one reply, with an id and a moment of its own: a stored answer is given out under a new name each time.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/request.h"

namespace fovea::serve {

// One token's place among what could have stood there, for logprobs.
struct TokenChoice {
  std::string bytes;
  double log_probability;
};
struct ChosenToken {
  TokenChoice chosen;
  std::vector<TokenChoice> likeliest;  // the chosen one among them as a rule
};

class ChatReply {
 public:
  // `model` is what the reply says answered; `fingerprint` names its weights and options.
  ChatReply(std::string model, std::string fingerprint);

  // chat.completion
  std::string whole(const Answer& answer, const std::vector<ChosenToken>* logprobs) const;

  // chat.completion.chunk, each as an event of a stream ("data: ...\n\n"). `usage_null`: a chunk of a stream that ends with the
  // usage says null until then, as OpenAI does.
  std::string first_event(bool usage_null) const;
  std::string text_event(std::string_view text, const std::vector<ChosenToken>* logprobs, bool usage_null) const;
  std::string last_events(const Answer& answer, bool include_usage) const;  // with [DONE]

  const std::string& id() const { return id_; }

 private:
  std::string event(std::string delta, std::optional<std::string_view> finish_reason,
                    const std::vector<ChosenToken>* logprobs, bool usage_null) const;

  std::string id_;
  std::int64_t created_;
  std::string model_;
  std::string fingerprint_;
};

}  // namespace fovea::serve
