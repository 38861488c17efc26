// LyingServer: listens on the loopback address, and does to each connection what the test wants.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace fovea::test {

// A connection as the server sees it. Closed when the server's function returns.
class LyingPeer {
 public:
  explicit LyingPeer(int socket) : socket_(socket) {}

  // The words of the next command; none once the client has gone.
  std::vector<std::string> next_command();
  // False once the client has gone.
  bool send(std::string_view bytes) const;
  // Until the client goes.
  void wait_for_end();

 private:
  bool fill();
  std::string take_line();

  const int socket_;
  std::string unread_;
};

class LyingServer {
 public:
  using Serve = std::function<void(LyingPeer& peer)>;

  explicit LyingServer(Serve serve);
  // Every command is answered with what `reply` makes of it; nothing is sent where that is empty.
  static Serve replying(std::function<std::string(const std::vector<std::string>& words)> reply);
  ~LyingServer();
  LyingServer(const LyingServer&) = delete;
  LyingServer& operator=(const LyingServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string address() const;
  int connections() const { return connections_; }

 private:
  void accept_all();

  const Serve serve_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<int> sockets_;  // open until the destructor, so that no number means two
  std::list<std::jthread> threads_;
  std::jthread acceptor_;
};

}  // namespace fovea::test
