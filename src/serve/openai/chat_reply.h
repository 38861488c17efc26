// ChatReply: answers as POST /v1/chat/completions replies them: whole, or as the events of a stream.
//
// One ChatReply writes one reply, with an id and a time of its own: each reply from a stored answer gets new
// ones. Immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/request.h"
#include "serve/openai/reply_form.h"

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
using ChosenTokens = std::vector<ChosenToken>;

// The tokens as JSON: a list of {"token", "logprob", "bytes", "top_logprobs"}.
std::string tokens_json(const ChosenTokens& tokens);

class ChatReply {
 public:
  struct Options {
    std::string model;           // the model's name in the reply
    std::string fingerprint;     // identifies its weights and options
    bool include_usage = false;  // at the end of a stream; earlier chunks have it as null, as OpenAI's do
    bool timings = false;        // llama-server's, with the end of each choice
  };
  explicit ChatReply(Options options);

  // chat.completion, with a choice for each answer. `logprobs` is by choice; empty = none.
  std::string whole(std::span<const FinishedAnswer> answers, std::span<const ChosenTokens> logprobs) const;

  // chat.completion.chunk, each as an event of a stream ("data: ...\n\n"). `logprobs` may be null.
  std::string begin_event(std::size_t choice) const;
  std::string content_event(std::size_t choice, std::string_view text, const ChosenTokens* logprobs) const;
  // `id` is the call's, which the reply gives it.
  std::string call_event(std::size_t choice, const CallBegin& call, std::string_view id,
                         const ChosenTokens* logprobs) const;
  std::string arguments_event(std::size_t choice, const ArgumentsPiece& piece, const ChosenTokens* logprobs) const;
  std::string end_event(std::size_t choice, const FinishedAnswer& answer, const ChosenTokens* logprobs) const;
  std::string last_events(std::span<const FinishedAnswer> answers) const;  // with [DONE]

  const std::string& id() const { return id_; }

 private:
  std::string event(std::size_t choice, std::string delta, const ChosenTokens* logprobs,
                    const FinishedAnswer* ended = nullptr) const;

  const Options options_;
  const std::string id_;
  const std::int64_t created_;
};

}  // namespace fovea::serve
