// The body is sent upstream as it came, unless an image must be put into it: one that was uploaded here, or
// fetched. The answer is stored by the question, which is the same request without the fields that do not
// change the answer.
#include "serve/relay/relay_backend.h"

#include <algorithm>
#include <ctime>

#include "engine/upstream/completion.h"
#include "image/decode.h"
#include "image/format.h"
#include "image/other_file.h"
#include "serve/anthropic/error_reply.h"
#include "serve/relay/pass_on.h"
#include "serve/relay/route_key.h"
#include "serve/relay/upstream_refusal.h"
#include "serve/send_refusal.h"
#include "serve/wire/cache_control.h"
#include "serve/wire/fresh_id.h"
#include "serve/wire/media_type.h"
#include "serve/wire/report_headers.h"

namespace fovea::serve {

namespace {

CompletionName fresh_name() { return {fresh_id("chatcmpl-"), std::time(nullptr)}; }

// A whole answer, in the form that was asked for.
Reply reply_of(RelayAnswer answer, const RelayRequest& request, const RequestReport& report, double read_ms) {
  Reply reply{.status = answer.status, .content_type = answer.content_type, .headers = report_headers(report, read_ms)};
  if (!answer.retry_after.empty()) reply.headers.emplace_back("Retry-After", answer.retry_after);
  if (request.api != RelayedApi::chat) {
    const bool hit = report.response == Outcome::hit;
    // A later request may name an answer of Responses by its id.
    const bool renames = hit && request.api != RelayedApi::responses;
    reply.body = renames ? with_fresh_id(std::move(answer.body), request.stream, fresh_id("")) : std::move(answer.body);
    if (hit && request.api == RelayedApi::completions) reply.body = with_created(reply.body, std::time(nullptr));
    return reply;
  }
  if (answer.status == 200 && request.stream) {
    if (const auto chunks = chunks_of(answer.body, fresh_name(), request.include_usage)) {
      reply.content_type = "text/event-stream";
      for (const std::string& chunk : *chunks) reply.body += "data: " + chunk + "\n\n";
      reply.body += "data: [DONE]\n\n";
      return reply;
    }
  }
  if (report.response == Outcome::hit) answer.body = renamed(answer.body, fresh_name()).value_or(answer.body);
  reply.body = std::move(answer.body);
  return reply;
}

// How many of the images are given as a Form: inline (Blob), by address or by file id.
template <typename Form>
std::ptrdiff_t count_of(const std::vector<ImageReference>& images) {
  return std::ranges::count_if(images,
                               [](const ImageReference& image) { return std::holds_alternative<Form>(image.from); });
}

// Clients differ in what they accept, and those who ask for the same share an answer: an answer has the form
// and the language that the body asks for.
std::vector<HttpHeader> headers_of_kept(const Exchange& exchange, std::string_view route_header) {
  std::vector<HttpHeader> headers = passed_headers(exchange, route_header);
  std::erase_if(headers, [](const HttpHeader& header) { return header.name.starts_with("accept"); });
  return headers;
}

// The query of the target as the client wrote it, with its question mark.
std::string query_of(std::string_view target) {
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos || mark + 1 == target.size() ? std::string() : std::string(target.substr(mark));
}

// Fovea fetches pictures, and not whatever else an address may serve.
Parsed<void> check_fetched(const std::vector<ImageReference>& images, const std::vector<ImageSource>& sources) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto bytes = sources[i].bytes.bytes();
    if (!std::holds_alternative<ImageUrl>(images[i].from) || format_of(bytes) != Format::none) continue;
    Refusal refusal = refusal_of(not_read(bytes));
    refusal.message = images[i].where + ": " + refusal.message;
    refusal.param = images[i].where;
    return std::unexpected(refusal);
  }
  return {};
}

bool has_uploaded_video(const std::vector<ImageReference>& images, const std::vector<ImageSource>& sources) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    const bool uploaded = std::holds_alternative<ImageFileId>(images[i].from);
    if (uploaded && media_type_of(sources[i].bytes.bytes()).starts_with("video/")) return true;
  }
  return false;
}

std::string inline_body(RelayedApi api, const JsonObject& body, const std::vector<ImageSource>& sources) {
  std::vector<Blob> bytes;
  for (const ImageSource& source : sources) bytes.push_back(source.bytes);
  return with_inline_images(api, body, bytes);
}

// How a stream tells that it failed, with the id that its head has.
std::string failed_event(RelayedApi api, const Refusal& refusal, std::string_view request_id) {
  if (api == RelayedApi::messages) return "event: error\ndata: " + anthropic::error_json(refusal, request_id) + "\n\n";
  return (api == RelayedApi::responses ? "event: error\ndata: " : "data: ") + refusal.json() + "\n\n";
}

}  // namespace

std::vector<BackendRoute> RelayBackend::routes() {
  const auto asks = [this](RelayedApi api) {
    return [this, api](Exchange& exchange, const Tenant& tenant) { ask(api, exchange, tenant); };
  };
  const auto passes = [this](Exchange& exchange, const Tenant&) { pass(exchange); };
  std::vector<BackendRoute> routes = {{"POST", "/v1/completions", asks(RelayedApi::completions)},
                                      {"POST", "/v1/messages", asks(RelayedApi::messages)},
                                      // What llama-server has at these is not the same as below /v1.
                                      {"*", "/completions", passes},
                                      {"*", "/models/*", passes}};
  // Other methods of what is known, and all that is not.
  for (const char* path :
       {"/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages", "/v1/models", "/v1/models/*", "/*"})
    routes.push_back({"*", path, passes});
  return routes;
}

ServerLoad RelayBackend::load() const {
  const std::uint32_t waiting = parts_.relay.waiting();
  const std::uint32_t asking = parts_.relay.asking();
  return {.in_progress = asking, .running = asking - std::min(waiting, asking)};
}

void RelayBackend::pass(Exchange& exchange) {
  const CacheUse use = cache_use_of(exchange.header("cache-control"));
  const Error never_stored{
      Fault::not_found, "what this path answers is never stored, and the request asked for no other", {}};
  if (use.only_stored) return send_refusal(exchange, refusal_of(never_stored, use));
  const Semaphore::Permit permit = parts_.relay.ask_beside();
  auto passed =
      permit
          ? pass_on(exchange, parts_.upstream, parts_.timeout_ms, parts_.relay.route_header())
          : std::unexpected(Refusal{503, "too many requests are being answered: ask again later", {}, "overloaded", 1});
  if (!passed) send_refusal(exchange, passed.error());
}

void RelayBackend::ask(RelayedApi api, Exchange& exchange, const Tenant& tenant) {
  const Stopwatch reading;
  const auto request = read(api, exchange, tenant);
  if (!request) return refuse_and_tell(exchange, tenant, request.error());
  const double read_ms = reading.elapsed_ms();
  std::unique_ptr<BodyStream> stream;
  const auto begin_stream = [&](const RequestReport& so_far) {
    Reply head{.content_type = "text/event-stream", .headers = report_headers(so_far, read_ms)};
    head.headers.emplace_back("Cache-Control", "no-store");
    stream = exchange.begin_stream(std::move(head));
  };
  std::optional<Error> upstream_fault;
  const RelayListener listener{
      .on_bytes = [&](std::string_view bytes) { return stream->send(bytes) && stream->wait_for_room(); },
      .on_start = begin_stream,
      .on_upstream_fault = [&](const Error& error) { upstream_fault = error; }};
  auto answer = parts_.relay.answer(*request, listener, exchange.client_gone());
  if (!answer) {
    const bool is_upstreams = upstream_fault && answer.error().fault == upstream_fault->fault;
    const Refusal refusal =
        is_upstreams ? upstream_refusal(*upstream_fault) : refusal_of(answer.error(), request->cache);
    if (!stream) return refuse_and_tell(exchange, tenant, refusal);
    stream->send(failed_event(api, refusal, exchange.header("x-request-id")));
    return parts_.observer.served({tenant, {}, nullptr, &refusal});
  }
  const Answer seen{.report = answer->report};
  const Refusal passed_on{.status = answer->status};
  const bool answered = answer->status == 200;
  if (!answer->streamed) exchange.reply(reply_of(std::move(*answer), *request, seen.report, read_ms));
  stream.reset();
  const Request shown{.sources = request->sources, .cache = request->cache, .tenant = tenant.name};
  parts_.observer.served({tenant, shown, answered ? &seen : nullptr, answered ? nullptr : &passed_on});
}

Parsed<RelayRequest> RelayBackend::read(RelayedApi api, const Exchange& exchange, const Tenant& tenant) const {
  const auto body = parse_json(exchange.body());
  if (!body) return std::unexpected(body.error());
  auto asked = read_relayed_request(api, *body, parts_.rules);
  if (!asked) return std::unexpected(asked.error());
  const bool routed = !parts_.relay.route_header().empty();
  RelayRequest request{.api = api,
                       .query = query_of(exchange.target()),
                       .headers = headers_of_kept(exchange, parts_.relay.route_header()),
                       .tenant = tenant.name,
                       .group = tenant.group,
                       .question = std::move(asked->question),
                       .route = routed ? route_key(api, *body, asked->images) : std::nullopt,
                       .stream = asked->stream,
                       .include_usage = asked->include_usage,
                       .deterministic = asked->deterministic,
                       .stateful = asked->stateful,
                       .cache = cache_use_of(exchange.header("cache-control")),
                       .timeout_ms = parts_.timeout_ms};
  const auto images = std::ssize(asked->images);
  const auto given_inline = count_of<Blob>(asked->images), by_address = count_of<ImageUrl>(asked->images);
  if (by_address > 0 && !parts_.images.fetches() && by_address + given_inline == images) {
    // Upstream fetches them. What it finds at the same address next time is not known: an address does not
    // identify an image.
    request.image_by_address = true;
    request.body = exchange.body();
    return request;
  }
  auto sources = parts_.images.sources(asked->images, tenant, exchange.client_gone());
  if (!sources) return std::unexpected(sources.error());
  if (auto checked = check_fetched(asked->images, *sources); !checked) return std::unexpected(checked.error());
  request.uploaded_video = has_uploaded_video(asked->images, *sources);
  request.sources = std::move(*sources);
  request.body = given_inline == images ? std::string(exchange.body()) : inline_body(api, *body, request.sources);
  return request;
}

void RelayBackend::refuse_and_tell(Exchange& exchange, const Tenant& tenant, const Refusal& refusal) {
  send_refusal(exchange, refusal);
  parts_.observer.served({tenant, {}, nullptr, &refusal});
}

Result<RequestReport> RelayBackend::warm(const Request& request, const Listener& listener, const std::stop_token&) {
  for (const ImageSource& source : request.sources) {
    if (auto image = decode(source.bytes.bytes(), parts_.decode_limits); !image)
      return fail(image.error().fault, source.name + ": " + image.error().message);
  }
  RequestReport nothing_made;
  if (listener.on_start) listener.on_start(nothing_made);
  return nothing_made;
}

Parsed<void> RelayBackend::keeps_what_it_warms() const {
  return std::unexpected(Refusal{
      400, "another server encodes the pictures: nothing can be encoded ahead in front of it", {}, "nothing_to_warm"});
}

}  // namespace fovea::serve
