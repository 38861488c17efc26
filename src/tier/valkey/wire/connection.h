// Connection: one connection to one server, and exchanges over it: some commands out, as many replies back.
// drive() moves several connections at a time, so that a question to many nodes takes as long as the
// slowest one.
//
// A connection that failed in any way is good for nothing more: what was asked may be half sent, half
// answered. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tier/valkey/wire/command.h"
#include "tier/valkey/wire/reply.h"
#include "tier/valkey/wire/stream.h"
#include "tier/valkey/wire/until.h"

namespace fovea::valkey {

// How a server is spoken to.
struct Dial {
  Endpoint endpoint;
  std::string user;                       // empty = the server's default user
  std::string password;                   // empty = none
  std::shared_ptr<const TlsContext> tls;  // null = plain TCP
  std::size_t value_bytes_max = 0;
};

class Connection {
 public:
  // Connects in its first exchange.
  Connection(Dial dial, std::vector<SocketAddress> addresses);

  // Begins an exchange. REQUIRES: none is under way, none failed; the commands live until it is over.
  void begin(const std::vector<const Command*>& commands);
  // Moves what can be moved now.
  void step();
  // Every reply is there, or the connection has failed.
  bool finished() const { return failure_ || (at_ == outgoing_.size() && replies_.size() == expected_.size()); }
  // No exchange is under way, and another can begin.
  bool is_idle() const { return !failure_ && expected_.empty(); }
  // Ends the exchange, and the connection, where it is not finished.
  void abandon(Error why);

  const std::optional<Error>& failure() const { return failure_; }
  // In the order of the commands. REQUIRES: finished without a failure.
  std::vector<Reply> take_replies();

  bool was_connected() const { return connected_; }
  // Some byte came in this exchange.
  bool was_heard() const { return heard_; }
  // Of an idle one: the server has closed it, or speaks unasked.
  bool is_stale() const;

  int descriptor() const { return stream_.descriptor(); }
  short events() const { return stream_.events(at_ < outgoing_.size()); }
  bool has_buffered() const { return stream_.has_buffered(); }
  const Endpoint& endpoint() const { return dial_.endpoint; }

 private:
  // Copied, so that many small ones go at once; or borrowed.
  using Piece = std::variant<std::string, std::span<const std::byte>>;

  void queue(const Command& command);
  Result<bool> send();
  Result<bool> receive();
  Result<void> check_new_replies(std::size_t from);
  std::optional<Error> said_last() const;

  const Dial dial_;
  Stream stream_;
  ReplyReader reader_;
  bool connected_ = false;
  bool logged_in_ = false;
  bool heard_ = false;
  std::vector<Piece> outgoing_;
  std::size_t at_ = 0, sent_ = 0;  // the piece that is being sent, and how much of it was
  std::vector<Expect> expected_;
  std::vector<Reply> replies_;
  std::optional<Error> failure_;
};

// Until each connection has finished. Those that have not by the end of `until` fail: timed_out or cancelled.
void drive(std::span<Connection* const> connections, const Until& until);

}  // namespace fovea::valkey
