// CompletionsHandler: POST /v1/completions, and llama-server's own /completion: text that goes on from a
// prompt that the client has rendered. Thread-safe. Borrows what it is made with.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/engine.h"
#include "serve/asking/answer_sender.h"
#include "serve/asking/intake.h"
#include "serve/exchange.h"
#include "serve/model/completion_request.h"
#include "serve/tenants.h"

namespace fovea::serve {

class CompletionsHandler {
 public:
  struct Parts {
    const VisionLanguageEngine& engine;
    const Intake& intake;
    const AnswerSender& sender;
    std::string model;        // its name in replies
    std::string fingerprint;  // of its weights and options
  };
  explicit CompletionsHandler(Parts parts) : parts_(std::move(parts)) {}

  void completions(Exchange& exchange, const Tenant& tenant) const;
  void native(Exchange& exchange, const Tenant& tenant) const;

 private:
  Parsed<CompletionRequest> read(const Exchange& exchange) const;
  void answer(Exchange& exchange, const Tenant& tenant, CompletionRequest asked, ReplyForm& form,
              const Stopwatch& reading) const;
  Parsed<std::vector<Request>> requests_of(CompletionRequest asked, const Exchange& exchange,
                                           const Tenant& tenant) const;

  const Parts parts_;
};

// A request with `count` choices: a seed of its own for each, since equal ones would give equal answers.
std::vector<Request> choices_of(const Request& request, std::uint32_t count);

}  // namespace fovea::serve
