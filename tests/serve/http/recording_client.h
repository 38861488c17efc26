// RecordingClient: a Client that keeps what an exchange sent to it.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "serve/http/http_exchange.h"

namespace fovea::serve::test {

class RecordingClient final : public Client {
 public:
  std::optional<Reply> replied, begun;
  std::string sent;
  bool ended = false;
  bool aborted = false;
  bool has_left = false;

  void reply(Reply reply) override { replied = std::move(reply); }
  void begin(Reply head) override { begun = std::move(head); }
  bool send(std::string_view bytes) override {
    sent += bytes;
    return !has_left;
  }
  bool wait_for_room(const std::stop_token& stop) override { return !has_left && !stop.stop_requested(); }
  void end() override { ended = true; }
  void abort() override { aborted = true; }
};

}  // namespace fovea::serve::test
