// Node: one server, with its connections, a few, and its breaker. Thread-safe. Outlives its loans.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "store/lane/breaker.h"
#include "tier/valkey/wire/connection.h"
#include "tier/valkey/wire/name_lookup.h"

namespace fovea::valkey {

class Node {
 public:
  // One connection moves 0.8 GB/s, four 1.3, where the server's one thread is full.
  static constexpr std::size_t connections_max = 4;
  // Below this a time-out is the caller's haste, and no failure of the server.
  static constexpr std::chrono::milliseconds fair_wait{25};

  explicit Node(Dial dial);

  // A connection for one exchange. Given back when it is destroyed.
  class Loan {
   public:
    Loan(Node& node, std::unique_ptr<Connection> connection);
    ~Loan();
    Loan(Loan&& other) noexcept = default;
    Loan& operator=(Loan&&) = delete;

    Connection& connection() { return *connection_; }

   private:
    Node* node_;
    std::unique_ptr<Connection> connection_;  // null once moved from
    Until::Time since_;
  };

  // Waits while all are lent. Faults: unavailable (also: left alone, as it failed); timed_out; cancelled.
  Result<Loan> acquire(const Until& until);

  const Endpoint& endpoint() const { return dial_.endpoint; }

 private:
  Result<void> admit(const Until& until);
  std::unique_ptr<Connection> idle_connection();
  Result<std::unique_ptr<Connection>> new_connection(const Until& until);
  void give_back(std::unique_ptr<Connection> connection, Until::Time since);
  void report(const std::optional<Error>& failure, Until::Time since);

  const Dial dial_;
  NameLookup lookup_;
  Breaker breaker_;
  Mutex mutex_;
  std::condition_variable_any freed_;
  std::size_t lent_ FOVEA_GUARDED_BY(mutex_) = 0;
  std::size_t first_address_ FOVEA_GUARDED_BY(mutex_) = 0;  // of those that the name has
  std::vector<std::unique_ptr<Connection>> idle_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea::valkey
