// Pictures are taken one after the other, each with a request of its own to the pipeline: so one picture's
// bytes and pixels are held at a time, questions get their turns in between, and a bad picture is alone with
// its fault. The deadline is that of all of them together: once it is over, no picture is fetched any more.
#include "serve/warm_handler.h"

#include <algorithm>
#include <format>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "serve/openai/content.h"
#include "serve/send_refusal.h"
#include "serve/wire/cache_control.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct WarmImage {
  std::string key;
  std::uint32_t width, height, tiles, tiles_hit;
  bool hit;  // nothing had to be encoded
};

struct Warm {
  std::string_view object;
  std::vector<glz::raw_json> images;  // a WarmImage, or {"error": ...}
};

}  // namespace json

namespace {

glz::raw_json warmed(const RequestReport& report) {
  const ImageReport& image = report.images.front();
  return {json_text(json::WarmImage{image.image_key.hex(), image.width, image.height, image.tiles, image.tiles_hit,
                                    image.tiles_hit == image.tiles})};
}

Refusal too_late(const std::string& where) {
  Refusal refusal = refusal_of({Fault::timed_out, where + ": the time of the whole request was over"});
  refusal.param = where;
  return refusal;
}

Refusal computes_all_the_same() {
  return {504,
          "Cache-Control: only-if-cached: nothing is computed for this request, and warming computes: leave it out",
          {},
          "not_stored"};
}

// A text is what a chat request's image_url takes, or the id of a file; an object is a part of its content.
Parsed<ImageReference> read_source(const Json& image, const std::string& where, const RequestRules& rules) {
  std::string_view text;
  if (image.get_string().get(text) == simdjson::SUCCESS) {
    if (text.starts_with("file-")) return ImageReference{ImageFileId{std::string(text)}, where};
    return read_image_url(text, where, rules);
  }
  const auto part = JsonObject::of(image, where);
  if (!part) return std::unexpected(part.error());
  return read_image(*part, rules);
}

}  // namespace

struct WarmHandler::Asked {
  simdjson::dom::array images;
  Tenant whose;
  std::string salt;
  CacheUse cache;
};

void WarmHandler::warm(Exchange& exchange, const Tenant& tenant) {
  if (const auto keeps = parts_.backend.keeps_what_it_warms(); !keeps) return send_refusal(exchange, keeps.error());
  const auto asked = read(exchange, tenant);
  if (!asked) return send_refusal(exchange, asked.error());
  json::Warm reply{"cache.warm", {}};
  const Stopwatch since_start;
  for (const Json image : asked->images) {
    const std::string where = std::format("images[{}]", reply.images.size());
    const auto report = warm_one(*asked, image, where, since_start.elapsed_ms(), exchange);
    reply.images.push_back(report ? warmed(*report) : glz::raw_json{report.error().json()});
  }
  exchange.reply({.body = json_text(reply)});
}

Parsed<WarmHandler::Asked> WarmHandler::read(const Exchange& exchange, const Tenant& tenant) const {
  const auto body = parse_json(exchange.body());
  if (!body) return std::unexpected(body.error());
  Asked asked{.images = {}, .whose = tenant, .salt = {}, .cache = cache_use_of(exchange.header("cache-control"))};
  if (asked.cache.only_stored) return std::unexpected(computes_all_the_same());
  const auto named = body->text("tenant");
  if (!named) return std::unexpected(named.error());
  if (*named && **named != tenant.name) {
    if (!tenant.admin)
      return std::unexpected(
          Refusal{403, "this key is not an admin's: it warms for itself only", "tenant", "not_admin"});
    const auto known = parts_.tenants.named(**named);
    if (!known) return std::unexpected(known.error());
    asked.whose = **known;
  }
  ChatRequest delivery;
  if (const auto read = read_delivery(*body, delivery); !read) return std::unexpected(read.error());
  asked.salt = std::move(delivery.cache_salt);
  const auto images = body->find("images");
  if (!images || images->get_array().get(asked.images) != simdjson::SUCCESS || asked.images.size() == 0)
    return refuse("images", "images is missing: a list of data: URLs, addresses or ids of uploaded files");
  if (asked.images.size() > images_max) {
    return refuse("images",
                  std::format("a request may have {} pictures, not {}: send several", images_max, asked.images.size()),
                  "too_many_images");
  }
  return asked;
}

Parsed<RequestReport> WarmHandler::warm_one(const Asked& asked, const Json& image, const std::string& where,
                                            double passed_ms, const Exchange& exchange) const {
  auto reference = read_source(image, where, parts_.rules);
  if (!reference) return std::unexpected(reference.error());
  if (parts_.timeout_ms && passed_ms >= *parts_.timeout_ms) return std::unexpected(too_late(where));
  std::vector<ImageReference> references;
  references.push_back(std::move(*reference));
  auto sources = parts_.images.sources(references, asked.whose, exchange.client_gone());
  if (!sources) return std::unexpected(sources.error());
  Request request{.sources = std::move(*sources),
                  .cache = asked.cache,
                  .tenant = asked.whose.name,
                  .group = asked.whose.group,
                  .cache_salt = asked.salt};
  if (parts_.timeout_ms) request.timeout_ms = std::max(0.0, *parts_.timeout_ms - passed_ms);
  auto report = parts_.backend.warm(request, {}, exchange.client_gone());
  if (report) return std::move(*report);
  if (report.error().fault == Fault::timed_out) return std::unexpected(too_late(where));
  Refusal refusal = refusal_of(report.error());
  refusal.param = where;
  return std::unexpected(refusal);
}

}  // namespace fovea::serve
