// AnswerSender: asks a pipeline the choices of one request, and sends the answers in the form of the API that
// was asked, whole or as a stream. Thread-safe. Borrows what it is made with.
#pragma once

#include <span>
#include <string_view>

#include "engine/engine.h"
#include "pipeline/pipeline.h"
#include "serve/exchange.h"
#include "serve/observer.h"
#include "serve/openai/reply_form.h"
#include "serve/tenants.h"

namespace fovea::serve {

class AnswerSender {
 public:
  // One request of a client, read and ready. `choices` are asked one after another, so that each finds the
  // prefix that the first one computed.
  struct Asked {
    std::span<const Request> choices;  // one at least
    bool stream = false;
    double read_ms = 0;             // what reading the request took
    std::string_view format_field;  // as request_refusal() has it
  };

  AnswerSender(Pipeline& pipeline, const VisionLanguageEngine& engine, Observer& observer)
      : pipeline_(pipeline), engine_(engine), observer_(observer) {}

  // Replies to `exchange`, and tells the observer of each choice.
  void answer(Exchange& exchange, const Tenant& tenant, const Asked& asked, ReplyForm& form) const;

  // Replies with the refusal of a request that was not asked.
  void refuse(Exchange& exchange, const Tenant& tenant, const Request& request, const Refusal& refusal) const;

 private:
  // Tells the observer of the choices that were answered.
  void tell(const Tenant& tenant, const Asked& asked, std::span<const FinishedAnswer> answers) const;

  Pipeline& pipeline_;
  const VisionLanguageEngine& engine_;
  Observer& observer_;
};

}  // namespace fovea::serve
