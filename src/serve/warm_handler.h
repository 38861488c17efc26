// WarmHandler: POST /v1/cache/warm: pictures are encoded ahead of the first question about them, into memory
// and whatever tiers are behind it. Thread-safe. Borrows what it is made with.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "serve/backend.h"
#include "serve/exchange.h"
#include "serve/image_resolver.h"
#include "serve/openai/chat_request.h"
#include "serve/tenants.h"
#include "serve/wire/json_reader.h"

namespace fovea::serve {

class WarmHandler {
 public:
  // Pictures of one request. Each is encoded before the reply, on one thread: a client that has more sends
  // more requests, and sees how far it has come.
  static constexpr std::size_t images_max = 64;

  struct Parts {
    Backend& backend;
    const ImageResolver& images;
    const Tenants& tenants;
    RequestRules rules;
    std::optional<double> timeout_ms;  // of every request
  };
  explicit WarmHandler(Parts parts) : parts_(std::move(parts)) {}

  // Encodes the pictures of {"images": [...]} for the caller; with {"tenant": NAME}, an admin does it for
  // another tenant. What is wrong with one picture is told in its place, and the others go on.
  void warm(Exchange& exchange, const Tenant& tenant);

 private:
  struct Asked;
  Parsed<Asked> read(const Exchange& exchange, const Tenant& tenant) const;
  Parsed<RequestReport> warm_one(const Asked& asked, const Json& image, const std::string& where, double passed_ms,
                                 const Exchange& exchange) const;

  const Parts parts_;
};

}  // namespace fovea::serve
