// A call waits for a free connection before it asks the breaker, so that those who wait when a server hangs
// are sent away as soon as the breaker opens, and do not each find out for themselves.
#include "tier/valkey/node.h"

#include <algorithm>
#include <format>
#include <utility>

namespace fovea::valkey {

Node::Loan::Loan(Node& node, std::unique_ptr<Connection> connection)
    : node_(&node), connection_(std::move(connection)), since_(std::chrono::steady_clock::now()) {}

Node::Loan::~Loan() {
  if (connection_) node_->give_back(std::move(connection_), since_);
}

Node::Node(Dial dial) : dial_(std::move(dial)), lookup_(dial_.endpoint) {}

Result<Node::Loan> Node::acquire(const Until& until) {
  if (auto admitted = admit(until); !admitted) return std::unexpected(std::move(admitted.error()));
  if (auto connection = idle_connection()) return Loan(*this, std::move(connection));
  const auto since = std::chrono::steady_clock::now();
  auto connection = new_connection(until);
  if (connection) return Loan(*this, std::move(*connection));
  report(connection.error(), since);
  return std::unexpected(std::move(connection.error()));
}

Result<void> Node::admit(const Until& until) {
  MutexLock lock(mutex_);
  const auto has_changed = [&]() FOVEA_REQUIRES(mutex_) {
    return lent_ < connections_max || breaker_.state() != BreakerState::closed;
  };
  const bool changed = freed_.wait_until(mutex_, until.stop, until.deadline, has_changed);
  if (until.stop.stop_requested()) return fail(Fault::cancelled, "the caller stopped waiting for the shared tier");
  if (!changed)
    return fail(Fault::timed_out,
                std::format("{}: all {} connections were in use", to_string(dial_.endpoint), connections_max));
  if (!breaker_.allows())
    return fail(Fault::unavailable,
                std::format("{} failed and is left alone for now: see that it runs and can be reached",
                            to_string(dial_.endpoint)));
  ++lent_;
  return {};
}

// A server that restarted has closed those that it knew.
std::unique_ptr<Connection> Node::idle_connection() {
  MutexLock lock(mutex_);
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (!connection->is_stale()) return connection;
  }
  return nullptr;
}

Result<std::unique_ptr<Connection>> Node::new_connection(const Until& until) {
  auto addresses = lookup_.addresses(until);
  if (!addresses) return std::unexpected(std::move(addresses.error()));
  MutexLock lock(mutex_);
  std::ranges::rotate(*addresses, addresses->begin() + static_cast<std::ptrdiff_t>(first_address_ % addresses->size()));
  return std::make_unique<Connection>(dial_, std::move(*addresses));
}

void Node::give_back(std::unique_ptr<Connection> connection, Until::Time since) {
  const std::optional<Error> failure = connection->failure();
  if (failure && !connection->was_connected()) {
    lookup_.expire();
    MutexLock lock(mutex_);
    ++first_address_;  // behind an address that swallows everything may be one that answers
  }
  if (connection->is_idle()) {
    MutexLock lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  report(failure, since);
}

// Frees a connection's place, and tells the breaker.
void Node::report(const std::optional<Error>& failure, Until::Time since) {
  const bool hasty =
      failure && failure->fault == Fault::timed_out && std::chrono::steady_clock::now() - since < fair_wait;
  if (!failure) {
    breaker_.succeeded();
  } else if (hasty || failure->fault == Fault::cancelled) {
    breaker_.gave_up();
  } else {
    breaker_.failed();
  }
  MutexLock lock(mutex_);
  --lent_;
  freed_.notify_all();
}

}  // namespace fovea::valkey
