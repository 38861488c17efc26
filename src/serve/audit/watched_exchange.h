// WatchedExchange: an exchange that passes everything on as it is, and remembers of the reply when it came,
// how long it was, and its two ends, where APIs say how many tokens there were.
//
// Used as the exchange that it stands for, which must outlive it. Its stream is thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"
#include "serve/exchange.h"

namespace fovea::serve {

// What was seen of a reply. Times count from when the exchange began to be watched.
struct SeenReply {
  int status = 0;            // 0: there was none
  double first_byte_ms = 0;  // of the body; of a whole reply, when it was given
  double total_ms = 0;       // until its last byte was given to the connection
  std::uint64_t bytes = 0;   // of the body
  bool streamed = false;
  bool broken = false;     // it was aborted, or the client left before its end
  std::string head, tail;  // of the body, `head_bytes` and `tail_bytes` of it at most; they do not overlap
};

class WatchedExchange final : public Exchange {
 public:
  // A stream of Messages tells the prompt's tokens in its first event; all others tell theirs at the end.
  static constexpr std::size_t head_bytes = 4 << 10;
  static constexpr std::size_t tail_bytes = 16 << 10;

  explicit WatchedExchange(Exchange& exchange, const Clock& clock = Clock::steady());

  // Of a reply that has ended; of another one, what there is so far.
  SeenReply seen() const;

  std::string_view method() const override { return exchange_.method(); }
  std::string_view path() const override { return exchange_.path(); }
  std::string_view target() const override { return exchange_.target(); }
  std::string_view header(std::string_view name) const override { return exchange_.header(name); }
  Headers all_headers() const override { return exchange_.all_headers(); }
  std::string query(std::string_view name) const override { return exchange_.query(name); }
  std::string_view body() const override { return exchange_.body(); }
  std::vector<FormField> form() const override { return exchange_.form(); }
  std::stop_token client_gone() const override { return exchange_.client_gone(); }
  void reply(Reply reply) override;
  std::unique_ptr<BodyStream> begin_stream(Reply head) override;

 private:
  // Shared with the stream, which may outlive the exchange.
  class Sight;
  class Stream;

  Exchange& exchange_;
  const std::shared_ptr<Sight> sight_;
};

}  // namespace fovea::serve
