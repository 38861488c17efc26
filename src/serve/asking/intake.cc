#include "serve/asking/intake.h"

#include <utility>

#include "serve/asking/session_key.h"
#include "serve/wire/cache_control.h"

namespace fovea::serve {

Parsed<Request> Intake::request_of(ChatRequest asked, const Exchange& exchange, const Tenant& tenant) const {
  auto sources = parts_.images.sources(asked.images, tenant, exchange.client_gone());
  if (!sources) return std::unexpected(sources.error());
  const CacheUse cache = cache_use_of(exchange.header("cache-control"));
  auto expanded = videos_.expand(asked, *sources, cache.read, exchange.client_gone(), parts_.timeout_ms);
  if (!expanded) return std::unexpected(expanded.error());
  const Key session = session_key(tenant.name, asked.session, asked.messages);
  return Request{.messages = std::move(asked.messages),
                 .prompt = std::move(asked.prompt),
                 .continue_final = asked.continue_final,
                 .template_args = std::move(asked.template_args),
                 .sources = std::move(*sources),
                 .options = std::move(asked.options),
                 .prediction = std::move(asked.prediction),
                 .cache = cache,
                 .tenant = tenant.name,
                 .group = tenant.group,
                 .cache_salt = std::move(asked.cache_salt),
                 .session = session,
                 .camera = camera_key(tenant.name, asked.camera),
                 .timeout_ms = parts_.timeout_ms,
                 .attention = parts_.attention,
                 .no_cache_read = asked.top_logprobs.has_value()};
}

}  // namespace fovea::serve
