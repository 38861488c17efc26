// The password goes out in front of the first commands, in the same packet, and its reply is taken off the
// front of theirs: a new connection costs no further round trip. An exchange writes and reads in turns,
// since a server that cannot get rid of its replies stops taking commands.
#include "tier/valkey/wire/connection.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <format>
#include <utility>

#include "base/check.h"
#include "tier/valkey/wire/server_error.h"

namespace fovea::valkey {

namespace {

constexpr std::size_t copied_bytes_max = 16 << 10;  // larger pieces are sent from where they are
constexpr int reads_max = 16;                       // in one step, so that others, and the deadline, have their turn

bool is_as_expected(Expect expected, Reply::Kind kind) {
  using enum Reply::Kind;
  switch (expected) {
    case Expect::value:
      return kind == value || kind == nil;
    case Expect::status:
      return kind == status || kind == nil;
    case Expect::integer:
      return kind == integer;
    case Expect::array:
      return kind == array;
  }
  return false;
}

std::span<const std::byte> bytes_of(const std::variant<std::string, std::span<const std::byte>>& piece) {
  if (const auto* text = std::get_if<std::string>(&piece)) return std::as_bytes(std::span(*text));
  return std::get<std::span<const std::byte>>(piece);
}

Command login_of(const Dial& dial) {
  return dial.user.empty() ? command_of(Expect::status, "", {"AUTH", dial.password})
                           : command_of(Expect::status, "", {"AUTH", dial.user, dial.password});
}

// Wakes a poll when a stop is requested.
class StopEvent {
 public:
  explicit StopEvent(const std::stop_token& stop)
      : event_(stop.stop_possible() ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1), on_stop_(stop, Notify{event_}) {}
  ~StopEvent() {
    on_stop_.reset();
    if (event_ >= 0) close(event_);
  }
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;

  int descriptor() const { return event_; }  // negative, which poll skips, where no stop can come

 private:
  struct Notify {
    int event;
    void operator()() const { eventfd_write(event, 1); }
  };
  struct Callback {
    Callback(const std::stop_token& stop, Notify notify) : callback(std::in_place, stop, notify) {}
    void reset() { callback.reset(); }
    std::optional<std::stop_callback<Notify>> callback;
  };

  const int event_;
  Callback on_stop_;
};

Error why_ended(const Connection& connection, const Until& until) {
  if (until.stop.stop_requested()) return {Fault::cancelled, "the caller stopped waiting for the shared tier"};
  return {Fault::timed_out, std::format("{} did not answer in time{}", to_string(connection.endpoint()),
                                        connection.was_connected() ? "" : ": no connection came about")};
}

}  // namespace

Connection::Connection(Dial dial, std::vector<SocketAddress> addresses)
    : dial_(std::move(dial)),
      stream_(dial_.endpoint, std::move(addresses), dial_.tls),
      reader_(dial_.value_bytes_max),
      logged_in_(dial_.password.empty() && dial_.user.empty()) {}

void Connection::begin(const std::vector<const Command*>& commands) {
  check(!failure_ && expected_.empty(), "an exchange begins on a connection that is free");
  heard_ = false;
  if (!logged_in_) queue(login_of(dial_));
  for (const Command* command : commands) queue(*command);
}

void Connection::queue(const Command& command) {
  expected_.push_back(command.expects);
  for (const auto bytes : command.pieces()) {
    if (bytes.size() > copied_bytes_max) {
      outgoing_.emplace_back(bytes);
      continue;
    }
    if (outgoing_.empty() || !std::holds_alternative<std::string>(outgoing_.back()))
      outgoing_.emplace_back(std::string());
    std::get<std::string>(outgoing_.back()).append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
}

void Connection::step() {
  if (!connected_) {
    auto connected = stream_.connect();
    if (!connected) return abandon(std::move(connected.error()));
    if (!*connected) return;
    connected_ = true;
  }
  const auto sent = send();
  const auto received = receive();
  if (received && (sent || finished())) return;
  failure_ = said_last().value_or(sent ? received.error() : sent.error());
}

// A server that has no room for a connection says so, whatever it was asked, and closes.
std::optional<Error> Connection::said_last() const {
  if (replies_.size() != 1 || replies_[0].kind != Reply::Kind::error) return std::nullopt;
  return server_error(dial_.endpoint, replies_[0].text());
}

// What a server said before it closed tells more than that sending failed, so reading follows in any case.
Result<bool> Connection::send() {
  while (at_ < outgoing_.size()) {
    const auto rest = bytes_of(outgoing_[at_]).subspan(sent_);
    const auto moved = rest.empty() ? Result<std::size_t>(0) : stream_.write_some(rest);
    if (!moved) return std::unexpected(moved.error());
    if (*moved == 0 && !rest.empty()) return false;
    sent_ += *moved;
    if (*moved == rest.size()) {
      ++at_;
      sent_ = 0;
    }
  }
  return true;
}

Result<bool> Connection::receive() {
  for (int i = 0; i < reads_max && replies_.size() < expected_.size(); ++i) {
    const auto got = stream_.read_some(reader_.room());
    if (!got) return std::unexpected(got.error());
    if (*got == 0) return false;
    heard_ = true;
    const std::size_t before = replies_.size();
    if (auto parsed = reader_.filled(*got, replies_); !parsed)
      return fail(Fault::unavailable, std::format("{}: {}", to_string(dial_.endpoint), parsed.error().message));
    if (auto fit = check_new_replies(before); !fit) return std::unexpected(fit.error());
  }
  return true;
}

Result<void> Connection::check_new_replies(std::size_t from) {
  for (std::size_t i = from; i < replies_.size(); ++i) {
    const bool is_error = replies_[i].kind == Reply::Kind::error;
    if (i == 0 && !logged_in_ && is_error) return std::unexpected(server_error(dial_.endpoint, replies_[i].text()));
    if (i >= expected_.size() || (!is_error && !is_as_expected(expected_[i], replies_[i].kind)))
      return fail(Fault::unavailable,
                  std::format("{} gave a reply of another kind than was asked for: is it a Valkey server?",
                              to_string(dial_.endpoint)));
  }
  if (replies_.size() == expected_.size() && (at_ < outgoing_.size() || !reader_.is_between_replies()))
    return fail(Fault::unavailable,
                std::format("{} answers what it was not asked: is it a Valkey server?", to_string(dial_.endpoint)));
  return {};
}

void Connection::abandon(Error why) {
  if (!finished()) failure_ = std::move(why);
}

std::vector<Reply> Connection::take_replies() {
  check(finished() && !failure_, "replies are taken when all are there");
  std::vector<Reply> replies = std::exchange(replies_, {});
  if (!logged_in_) replies.erase(replies.begin());
  logged_in_ = true;
  outgoing_.clear();
  at_ = sent_ = 0;
  expected_.clear();
  return replies;
}

bool Connection::is_stale() const {
  pollfd polled{.fd = stream_.descriptor(), .events = POLLIN, .revents = 0};
  return poll(&polled, 1, 0) != 0;
}

void drive(std::span<Connection* const> connections, const Until& until) {
  const StopEvent stop(until.stop);
  std::vector<pollfd> polled;
  for (;;) {
    polled.clear();
    polled.push_back({.fd = stop.descriptor(), .events = POLLIN, .revents = 0});
    bool buffered = false;
    for (Connection* connection : connections) {
      if (!connection->finished()) connection->step();
      if (connection->finished()) continue;
      polled.push_back({.fd = connection->descriptor(), .events = connection->events(), .revents = 0});
      buffered |= connection->has_buffered();
    }
    if (polled.size() == 1) return;
    const auto left = std::chrono::ceil<std::chrono::nanoseconds>(until.deadline - std::chrono::steady_clock::now());
    if (until.stop.stop_requested() || left.count() <= 0) {
      for (Connection* connection : connections) connection->abandon(why_ended(*connection, until));
      return;
    }
    const auto wait = buffered ? std::chrono::nanoseconds(0) : left;
    const timespec timeout{.tv_sec = wait.count() / 1'000'000'000, .tv_nsec = wait.count() % 1'000'000'000};
    ppoll(polled.data(), polled.size(), &timeout, nullptr);
  }
}

}  // namespace fovea::valkey
