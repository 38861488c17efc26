#include "tier/valkey/lying_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <format>
#include <stdexcept>
#include <utility>

namespace fovea::test {

bool LyingPeer::fill() {
  std::array<char, 65536> bytes;
  const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  unread_.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

std::string LyingPeer::take_line() {
  std::size_t end;
  while ((end = unread_.find("\r\n")) == std::string::npos) {
    if (!fill()) return "";
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 2);
  return line;
}

std::vector<std::string> LyingPeer::next_command() {
  const std::string head = take_line();
  if (!head.starts_with('*')) return {};
  std::vector<std::string> words;
  for (int left = std::stoi(head.substr(1)); left > 0; --left) {
    const std::string length = take_line();
    if (!length.starts_with('$')) return {};
    const std::size_t bytes = std::stoul(length.substr(1));
    while (unread_.size() < bytes + 2) {
      if (!fill()) return {};
    }
    words.push_back(unread_.substr(0, bytes));
    unread_.erase(0, bytes + 2);
  }
  return words;
}

bool LyingPeer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void LyingPeer::wait_for_end() {
  while (fill()) unread_.clear();
}

LyingServer::LyingServer(Serve serve) : serve_(std::move(serve)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no port to listen on");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept_all(); });
}

LyingServer::~LyingServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  threads_.clear();
  for (const int socket : sockets_) close(socket);
  close(listener_);
}

void LyingServer::accept_all() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket] {
      LyingPeer peer(socket);
      serve_(peer);
      shutdown(socket, SHUT_RDWR);
    });
  }
}

LyingServer::Serve LyingServer::replying(std::function<std::string(const std::vector<std::string>& words)> reply) {
  return [reply = std::move(reply)](LyingPeer& peer) {
    for (;;) {
      const auto words = peer.next_command();
      if (words.empty() || !peer.send(reply(words))) return;
    }
  };
}

std::string LyingServer::address() const { return std::format("valkey://127.0.0.1:{}", port_); }

}  // namespace fovea::test
