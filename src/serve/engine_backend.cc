// Both kinds of requests become a Request of the pipeline, and both kinds of replies are written by a
// ReplyForm; AnswerSender does what is common to them.
#include "serve/engine_backend.h"

#include <algorithm>
#include <format>

#include "serve/anthropic/messages_reply.h"
#include "serve/anthropic/messages_request.h"
#include "serve/anthropic/models_reply.h"
#include "serve/asking/answerable.h"
#include "serve/asking/prompt_tokens.h"
#include "serve/asking/request_refusal.h"
#include "serve/model/models_reply.h"
#include "serve/openai/chat_form.h"
#include "serve/send_refusal.h"

namespace fovea::serve {

namespace {

constexpr std::size_t fingerprint_digits = 10;  // for people to compare; keys hold all of it

std::string fingerprint_of(const VisionLanguageEngine& engine) {
  const Key both =
      KeyBuilder("fovea/system/1").field(engine.vision_fingerprint()).field(engine.text_fingerprint()).finish();
  return "fp_" + both.hex().substr(0, fingerprint_digits);
}

// Both APIs have /v1/models; Anthropic's clients say which version of it they speak.
bool for_anthropic(const Exchange& exchange) { return !exchange.header("anthropic-version").empty(); }

}  // namespace

EngineBackend::EngineBackend(Parts parts)
    : parts_(std::move(parts)),
      intake_({parts_.images, parts_.rules, parts_.timeout_ms, parts_.attention}),
      sender_(parts_.pipeline, parts_.engine, parts_.observer),
      responses_({parts_.pipeline, parts_.engine, intake_, sender_, parts_.model, parts_.responses}),
      fingerprint_(fingerprint_of(parts_.engine)),
      model_routes_({parts_.pipeline, parts_.engine, intake_, sender_, parts_.model, fingerprint_}),
      started_unix_s_(static_cast<std::int64_t>(unix_time_ms() / 1000)) {}

void EngineBackend::chat(Exchange& exchange, const Tenant& tenant) {
  const Stopwatch reading;
  auto asked = intake_.read(exchange, read_chat_request);
  if (!asked) return sender_.refuse(exchange, tenant, {}, asked.error());
  if (auto fits = check_answerable(*asked, "messages"); !fits)
    return sender_.refuse(exchange, tenant, {}, fits.error());
  ChatForm form({.model = parts_.model,
                 .fingerprint = fingerprint_,
                 .include_usage = asked->include_usage,
                 .timings = asked->timings},
                parts_.engine, {asked->choices, asked->top_logprobs});
  answer(exchange, tenant, std::move(*asked), form, reading);
}

std::vector<BackendRoute> EngineBackend::routes() {
  const auto ask = [this](auto handle) {
    return [this, handle](Exchange& exchange, const Tenant& tenant) { (this->*handle)(exchange, tenant); };
  };
  std::vector<BackendRoute> routes = {
      {"POST", "/v1/messages", ask(&EngineBackend::messages)},
      {"POST", "/v1/messages/count_tokens", ask(&EngineBackend::count_tokens)},
  };
  for (BackendRoute& route : responses_.routes()) routes.push_back(std::move(route));
  for (BackendRoute& route : model_routes_.routes()) routes.push_back(std::move(route));
  return routes;
}

void EngineBackend::messages(Exchange& exchange, const Tenant& tenant) {
  const Stopwatch reading;
  auto asked = intake_.read(exchange, anthropic::read_messages_request);
  if (!asked) return sender_.refuse(exchange, tenant, {}, asked.error());
  if (auto fits = check_answerable(*asked, "messages"); !fits)
    return sender_.refuse(exchange, tenant, {}, fits.error());
  anthropic::MessagesReply form(parts_.model, std::string(exchange.header("x-request-id")));
  answer(exchange, tenant, std::move(*asked), form, reading);
}

void EngineBackend::count_tokens(Exchange& exchange, const Tenant& tenant) {
  auto asked = intake_.read(exchange, anthropic::read_count_request);
  if (!asked) return sender_.refuse(exchange, tenant, {}, asked.error());
  const auto request = intake_.request_of(std::move(*asked), exchange, tenant);
  if (!request) return sender_.refuse(exchange, tenant, {}, request.error());
  const auto tokens = prompt_tokens(parts_.pipeline, *request, exchange.client_gone());
  if (!tokens) return sender_.refuse(exchange, tenant, *request, request_refusal(tokens.error(), *request, {}));
  exchange.reply({.body = anthropic::count_json(*tokens)});
}

void EngineBackend::answer(Exchange& exchange, const Tenant& tenant, ChatRequest asked, ReplyForm& form,
                           const Stopwatch& reading) {
  const bool stream = asked.stream;
  const std::uint32_t count = asked.choices;
  const std::string format_field = std::move(asked.format_field);
  auto request = intake_.request_of(std::move(asked), exchange, tenant);
  if (!request) return sender_.refuse(exchange, tenant, {}, request.error());
  const std::vector<Request> choices = choices_of(*request, count);
  sender_.answer(exchange, tenant, {choices, stream, reading.elapsed_ms(), format_field}, form);
}

void EngineBackend::models(Exchange& exchange) {
  const ServedModel model{parts_.model, started_unix_s_, parts_.engine.facts()};
  exchange.reply({.body = for_anthropic(exchange) ? anthropic::models_json(model) : models_json(model)});
}

void EngineBackend::model(Exchange& exchange) {
  const std::string_view id = exchange.path().substr(std::string_view("/v1/models/").size());
  const ServedModel model{parts_.model, started_unix_s_, parts_.engine.facts()};
  if (id == parts_.model)
    return exchange.reply({.body = for_anthropic(exchange) ? anthropic::model_json(model) : model_json(model)});
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

// A slot may outlive its request by a moment.
ServerLoad EngineBackend::load() const {
  const SlotUse use = parts_.engine.slot_use();
  const std::uint32_t in_progress = parts_.pipeline.computing();
  const std::uint32_t context = parts_.engine.facts().context_tokens;
  return {.in_progress = in_progress,
          .running = std::min(use.slots, in_progress),
          .context_used = context == 0 ? 0 : static_cast<double>(use.tokens) / context};
}

std::size_t EngineBackend::purge(const Key& image_key, std::string_view tenant) {
  return parts_.pipeline.purge(image_key, tenant);
}

std::size_t EngineBackend::purge(std::string_view tenant) {
  return responses_.purge(tenant) + parts_.pipeline.purge(tenant);
}

}  // namespace fovea::serve
