// Both kinds of requests become a Request of the pipeline, and both kinds of replies are written by a
// ReplyForm; what is common to them, whole and streamed, is answer().
#include "serve/engine_backend.h"

#include <format>

#include "serve/openai/chat_form.h"
#include "serve/openai/models_reply.h"
#include "serve/openai/responses_reply.h"
#include "serve/openai/responses_request.h"
#include "serve/send_refusal.h"
#include "serve/wire/cache_control.h"
#include "serve/wire/report_headers.h"

namespace fovea::serve {

namespace {

constexpr std::size_t fingerprint_digits = 10;  // for people to compare; keys hold all of it

std::string fingerprint_of(const VisionLanguageEngine& engine) {
  const Key both =
      KeyBuilder("fovea/system/1").field(engine.vision_fingerprint()).field(engine.text_fingerprint()).finish();
  return "fp_" + both.hex().substr(0, fingerprint_digits);
}

// The reply to a request with "stream": true. Its head is sent once the outcome of the levels is known. A
// stored answer is sent in one piece.
class StreamedReply {
 public:
  StreamedReply(Exchange& exchange, ReplyForm& form, double read_ms)
      : exchange_(exchange), form_(form), read_ms_(read_ms) {}

  void start(const RequestReport& so_far) {
    head_ = {.content_type = "text/event-stream", .headers = report_headers(so_far, read_ms_)};
    head_.headers.emplace_back("Cache-Control", "no-store");  // a cache between must not store a part of a stream
    if (so_far.response == Outcome::hit) {
      head_.body = form_.first_events(so_far);
      return;
    }
    stream_ = exchange_.begin_stream(head_);
    stream_->send(form_.first_events(so_far));
  }

  void pieces(const std::vector<AnswerPiece>& pieces) {
    for (const AnswerPiece& piece : pieces) send(form_.piece_event(piece));
  }

  void finish(const FinishedAnswer& answer) {
    send(form_.choice_end(answer));
    send(form_.last_events(std::span(&answer, 1)));
    if (!stream_) exchange_.reply(std::move(head_));
    stream_.reset();
  }

  // Ends a stream that has begun with the refusal as its last event. False where nothing was sent yet: then
  // the refusal can be the whole reply.
  bool broke(const Refusal& refusal) {
    if (!stream_) return false;
    stream_->send(form_.error_event(refusal));
    stream_.reset();
    return true;
  }

 private:
  void send(const std::string& event) {
    if (stream_)
      stream_->send(event);
    else
      head_.body += event;
  }

  Exchange& exchange_;
  ReplyForm& form_;
  const double read_ms_;
  Reply head_;
  std::unique_ptr<BodyStream> stream_;  // null for a stored answer
};

}  // namespace

EngineBackend::EngineBackend(Parts parts)
    : parts_(std::move(parts)),
      fingerprint_(fingerprint_of(parts_.engine)),
      started_unix_s_(static_cast<std::int64_t>(unix_time_ms() / 1000)) {}

void EngineBackend::chat(Exchange& exchange, const Tenant& tenant) {
  const Stopwatch reading;
  auto asked = read(exchange, read_chat_request);
  if (!asked) return refuse_and_tell(exchange, tenant, {}, asked.error());
  ChatForm form(ChatReply(parts_.model, fingerprint_), parts_.engine, {asked->include_usage, asked->top_logprobs});
  answer(exchange, tenant, std::move(*asked), form, reading);
}

void EngineBackend::responses(Exchange& exchange, const Tenant& tenant) {
  const Stopwatch reading;
  auto asked = read(exchange, read_responses_request);
  if (!asked) return refuse_and_tell(exchange, tenant, {}, asked.error());
  ResponsesReply form(parts_.model);
  answer(exchange, tenant, std::move(*asked), form, reading);
}

void EngineBackend::answer(Exchange& exchange, const Tenant& tenant, ChatRequest asked, ReplyForm& form,
                           const Stopwatch& reading) {
  const bool stream = asked.stream;
  const auto request = request_of(std::move(asked), exchange, tenant);
  if (!request) return refuse_and_tell(exchange, tenant, {}, request.error());
  const double read_ms = reading.elapsed_ms();
  StreamedReply streamed(exchange, form, read_ms);
  const ToolFormat format = parts_.engine.tool_format();
  ToolCallReader reader(format, request->options.tools);
  Listener listener;
  if (form.watches_tokens()) listener.on_token = [&](const Token& token, std::string_view) { form.token(token); };
  if (stream) {
    listener.on_start = [&](const RequestReport& so_far) { streamed.start(so_far); };
    listener.on_text = [&](std::string_view text) { streamed.pieces(reader.push(text)); };
  }
  auto answer = parts_.pipeline.answer(*request, listener, exchange.client_gone());
  if (!answer) {
    const Refusal refusal = refusal_of(answer.error());
    if (!streamed.broke(refusal)) return refuse_and_tell(exchange, tenant, *request, refusal);
    return parts_.observer.served({tenant, *request, nullptr, &refusal});
  }
  AnswerParts parts = read_answer(format, request->options.tools, answer->text);
  const FinishedAnswer finished{std::move(*answer), std::move(parts)};
  if (stream) {
    streamed.pieces(reader.finish());
    streamed.finish(finished);
  } else {
    form.choice_end(finished);
    exchange.reply(
        {.headers = report_headers(finished.answer.report, read_ms), .body = form.whole(std::span(&finished, 1))});
  }
  parts_.observer.served({tenant, *request, &finished.answer, nullptr});
}

void EngineBackend::refuse_and_tell(Exchange& exchange, const Tenant& tenant, const Request& request,
                                    const Refusal& refusal) {
  send_refusal(exchange, refusal);
  parts_.observer.served({tenant, request, nullptr, &refusal});
}

Parsed<ChatRequest> EngineBackend::read(const Exchange& exchange, ReadRequest read_request) const {
  const auto body = parse_json(exchange.body());
  if (!body) return std::unexpected(body.error());
  return read_request(*body, parts_.rules);
}

Parsed<Request> EngineBackend::request_of(ChatRequest asked, const Exchange& exchange, const Tenant& tenant) const {
  auto sources = parts_.images.sources(asked.images, tenant, exchange.client_gone());
  if (!sources) return std::unexpected(sources.error());
  Request request{.messages = std::move(asked.messages),
                  .sources = std::move(*sources),
                  .options = std::move(asked.options),
                  .cache = cache_use_of(exchange.header("cache-control")),
                  .tenant = tenant.name,
                  .group = tenant.group,
                  .cache_salt = std::move(asked.cache_salt),
                  .timeout_ms = parts_.timeout_ms,
                  .attention = parts_.attention,
                  .no_cache_read = asked.top_logprobs.has_value()};
  return request;
}

void EngineBackend::models(Exchange& exchange) {
  exchange.reply({.body = models_json({parts_.model, started_unix_s_})});
}

void EngineBackend::model(Exchange& exchange) {
  const std::string_view id = exchange.path().substr(std::string_view("/v1/models/").size());
  if (id == parts_.model) return exchange.reply({.body = model_json({parts_.model, started_unix_s_})});
  send_refusal(exchange, {404, std::format("there is no model \"{}\" here; it is \"{}\"", id, parts_.model), "model",
                          "model_not_found"});
}

Result<RequestReport> EngineBackend::warm(const Request& request, const Listener& listener,
                                          const std::stop_token& stop) {
  return parts_.pipeline.warm(request, listener, stop);
}

Parsed<void> EngineBackend::keeps_what_it_warms() const {
  if (parts_.pipeline.stats().embedding.bytes_max > 0) return {};
  return std::unexpected(
      Refusal{400, "the embedding level is off here: what is encoded ahead would not be kept", {}, "nothing_to_warm"});
}

LevelsStats EngineBackend::stats() const {
  const PipelineStats stats = parts_.pipeline.stats();
  return {{"response", stats.response}, {"prefix", stats.prefix}, {"embedding", stats.embedding}};
}

std::size_t EngineBackend::purge(const Key& image_key, std::string_view tenant) {
  return parts_.pipeline.purge(image_key, tenant);
}

std::size_t EngineBackend::purge(std::string_view tenant) { return parts_.pipeline.purge(tenant); }

}  // namespace fovea::serve
