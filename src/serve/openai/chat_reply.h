// ChatReply: an answer as POST /v1/chat/completions replies it: whole, or as the events of a stream.
//
// One ChatReply writes one reply, with an id and a time of its own: each reply from a stored answer gets new
// ones. Immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/request.h"

namespace fovea::serve {

// A token and its log probability, for logprobs.
struct TokenChoice {
  std::string bytes;
  double log_probability;
};
struct ChosenToken {
  TokenChoice chosen;
  std::vector<TokenChoice> likeliest;  // as a rule with the chosen one among them
};

class ChatReply {
 public:
  // `model` is the model's name in the reply; `fingerprint` identifies its weights and options.
  ChatReply(std::string model, std::string fingerprint);

  // chat.completion
  std::string whole(const Answer& answer, const std::vector<ChosenToken>* logprobs) const;

  // chat.completion.chunk, each as an event of a stream ("data: ...\n\n"). `usage_null`: the stream will end
  // with the usage, so that earlier chunks have it as null, as OpenAI's do.
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
