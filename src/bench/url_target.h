// UrlTarget: a server that speaks OpenAI's HTTP API, asked as its clients ask it: streaming, over connections
// that stay open.
//
// Thread-safe. Owns its connections.
#pragma once

#include <memory>

#include "bench/target.h"
#include "engine/upstream/upstream.h"

namespace fovea {

class UrlTarget final : public Target {
 public:
  // `model` is sent as the requests' model; empty = none. Faults: those of Upstream::open.
  static Result<std::unique_ptr<UrlTarget>> open(std::string name, UpstreamOptions options, std::string model = {});

  const std::string& name() const override { return name_; }
  // Without the address: a server on another port is the same one.
  std::string about() const override { return "a server, asked over HTTP"; }
  // The clock starts after the request's JSON is made and before it is sent. Faults: those of Upstream::chat;
  // unavailable (no answer, with the server's words).
  Result<Measured> ask(const Request& request, const std::stop_token& stop) override;
  // Does nothing: --restart-command restarts servers.
  Result<void> restart() override { return {}; }

 private:
  UrlTarget(std::string name, std::unique_ptr<Upstream> server, std::string model)
      : name_(std::move(name)), server_(std::move(server)), model_(std::move(model)) {}

  const std::string name_;
  const std::unique_ptr<Upstream> server_;
  const std::string model_;
};

// What a Cache-Status header (RFC 9211) says about Fovea's levels: {"response": "hit", "embedding": "miss"}.
// Other caches are left out.
std::map<std::string, std::string> levels_in(std::string_view cache_status);
// The milliseconds of a Server-Timing header (W3C): {"lookup": 0.2}. Entries without a duration are left out.
std::map<std::string, double> stages_in(std::string_view server_timing);

}  // namespace fovea
