// RequestReader: one request after the other from what a client sends: the head, then the body, into memory
// that is taken as its bytes come.
//
// For the thread of one connection. Owns the request until take(). Borrows the memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include "serve/http/body_memory.h"
#include "serve/http/connection/socket_input.h"
#include "serve/http/connection/transfer_pace.h"
#include "serve/http/http_exchange.h"
#include "serve/http/message/head_scan.h"
#include "serve/http/message/request_head.h"
#include "serve/http/message/request_parser.h"

namespace fovea::serve {

class RequestReader {
 public:
  enum class Step {
    input,   // more must come first
    memory,  // the body has no memory now: ask again in a moment
    head,    // the head is there: go on with begin_body(), or with another request after drop()
    whole,   // all of it is there: take() it
    ended,   // the client has ended in the middle of it, or before it
  };

  RequestReader(BodyMemory& memory, std::uint64_t body_bytes_max);

  // Reads on. Refused: as HeadScan and RequestParser do; 413; 503 where the body waited too long for memory.
  Parsed<Step> read(SocketInput& input);
  // From Step::head until take(); before that, one without fields.
  RequestHead& head() { return head_; }
  void begin_body();
  HttpExchange::Request take(const std::stop_source& gone);

  // Forgets the request. The time of the next one begins.
  void drop();

  // Whether the client waits for "100 Continue" before it sends its body. True once for a request.
  bool owes_continue(const SocketInput& input);
  // For how long nothing has come of a next request; 0 where something has.
  double idle_ms(double now_ms, const SocketInput& input) const;
  // 408 where a request has begun and its client takes too long.
  std::optional<Refusal> overdue(double now_ms, const SocketInput& input) const;

 private:
  enum class Part { head, body, chunks };

  Parsed<Step> read_head(SocketInput& input);
  Parsed<Step> parse_head(SocketInput& input, std::size_t size);
  Parsed<Step> read_body(SocketInput& input);
  Parsed<Step> read_chunks(SocketInput& input);
  Parsed<bool> has_room();

  BodyMemory& memory_;
  const std::uint64_t body_bytes_max_;
  Part part_ = Part::head;
  HeadScan scan_;
  std::unique_ptr<RequestParser> parser_;  // from the head on
  RequestHead head_;
  BodyBytes body_;
  bool owes_continue_ = false;
  double head_since_ms_;                  // since its first byte, or since it is waited for
  TransferPace pace_;                     // of the body
  std::optional<double> waits_since_ms_;  // for memory
};

// Whether `head` says that a body follows.
bool has_body(const RequestHead& head);
// A body above the bound.
Refusal body_too_large(std::uint64_t bytes_max);

}  // namespace fovea::serve
