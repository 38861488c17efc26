// A choice is one answer of the pipeline. Its text goes through a ToolCallReader on its way out, so what is
// stored is the model's own text and a stored answer's calls are read again.
#include "serve/asking/answer_sender.h"

#include <utility>
#include <vector>

#include "serve/asking/request_refusal.h"
#include "serve/asking/streamed_reply.h"
#include "serve/send_refusal.h"
#include "serve/wire/report_headers.h"

namespace fovea::serve {

namespace {

Listener listener_of(ReplyForm& form) {
  Listener listener;
  if (form.watches_tokens()) listener.on_token = [&](const Token& token, std::string_view) { form.token(token); };
  return listener;
}

Result<FinishedAnswer> finished(Result<Answer> answer, ToolFormat format, const Request& request) {
  if (!answer) return std::unexpected(answer.error());
  AnswerParts parts = read_answer(format, request.options.tools, answer->text);
  return FinishedAnswer{std::move(*answer), std::move(parts)};
}

}  // namespace

void AnswerSender::answer(Exchange& exchange, const Tenant& tenant, const Asked& asked, ReplyForm& form) const {
  StreamedReply streamed(exchange, form, asked.read_ms, asked.choices.size() > 1);
  const ToolFormat format = engine_.tool_format();
  std::vector<FinishedAnswer> answers;
  for (const Request& request : asked.choices) {
    ToolCallReader reader(format, request.options.tools);
    Listener listener = listener_of(form);
    if (asked.stream) {
      listener.on_start = [&](const RequestReport& so_far) { streamed.start(so_far); };
      listener.on_text = [&](std::string_view text) { streamed.pieces(reader.push(text)); };
    }
    auto answer = finished(pipeline_.answer(request, listener, exchange.client_gone()), format, request);
    if (!answer) {
      const Refusal refusal = request_refusal(answer.error(), request, asked.format_field);
      if (!streamed.broke(refusal)) send_refusal(exchange, refusal);
      tell(tenant, asked, answers);
      return observer_.served({tenant, request, nullptr, &refusal});
    }
    if (asked.stream) {
      streamed.pieces(reader.finish());
      streamed.choice_end(*answer);
    } else {
      form.choice_end(*answer);
    }
    answers.push_back(std::move(*answer));
  }
  if (asked.stream) {
    streamed.finish(answers);
  } else {
    exchange.reply(
        {.headers = report_headers(answers.front().answer.report, asked.read_ms), .body = form.whole(answers)});
  }
  tell(tenant, asked, answers);
}

void AnswerSender::tell(const Tenant& tenant, const Asked& asked, std::span<const FinishedAnswer> answers) const {
  for (std::size_t i = 0; i < answers.size(); ++i)
    observer_.served({tenant, asked.choices[i], &answers[i].answer, nullptr});
}

void AnswerSender::refuse(Exchange& exchange, const Tenant& tenant, const Request& request,
                          const Refusal& refusal) const {
  send_refusal(exchange, refusal);
  observer_.served({tenant, request, nullptr, &refusal});
}

}  // namespace fovea::serve
