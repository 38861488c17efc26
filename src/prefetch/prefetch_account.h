// PrefetchAccount: counts strictly what came of each move, and tells the SuccessorTable.
//
// A move was of use only if a request found all that it needed of it in memory, and if the move was over when
// that request began. It knows keys, bytes and times alone: the simulator drives the same class. Bounded: too
// many open moves, and those of long ago, end as wasted. Not thread-safe. Borrows the table and the clock.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "fovea/key.h"
#include "prefetch/prefetch_counts.h"
#include "prefetch/successor_table.h"
#include "store/record.h"

namespace fovea {

class PrefetchAccount {
 public:
  struct Options {
    std::size_t open_max = 1 << 12;
    double wait_max_ms = 600'000;
  };
  // What a move brought to memory.
  struct Part {
    Key key;
    std::uint64_t bytes;
  };
  // What a request looked up.
  struct LookedUp {
    Key key;
    std::optional<TierKind> found_in;  // nullopt: nowhere
  };
  // Whether memory has the record of this key.
  using InMemory = std::function<bool(const Key& key)>;

  explicit PrefetchAccount(SuccessorTable& table, const Clock& clock = Clock::steady())
      : PrefetchAccount(table, clock, Options()) {}
  PrefetchAccount(SuccessorTable& table, const Clock& clock, Options options)
      : table_(table), clock_(clock), options_(options) {}

  // The move of a prediction begins.
  void began(std::uint64_t number, const Key& scope, const Key& picture);
  // It is over, and brought these; nothing where no tier had them.
  void moved(std::uint64_t number, std::vector<Part> parts);
  // It is over, and brought nothing, since a request has fetched the same meanwhile.
  void overtaken(std::uint64_t number);
  // A prediction is not acted upon.
  void dropped(std::uint64_t number);
  // A request that began at `began_ms` needed `pictures`, and looked up these.
  void asked(const Key& scope, std::span<const Key> pictures, std::span<const LookedUp> looked_up, double began_ms);
  // Ends the moves whose time is over, and those of which memory has no part any more.
  void end_old(const InMemory& in_memory);

  // tried and outstanding moves are as of now.
  PrefetchCounts counts() const;

 private:
  struct Move {
    Key scope, picture;
    std::optional<double> over_ms;  // absent: it goes on
    std::vector<Part> parts;
    bool late = false;  // asked for while it was being moved
  };
  enum class Outcome : std::uint8_t { used, late, wasted };

  void end(std::uint64_t number, Outcome outcome, std::span<const LookedUp> looked_up);
  static Outcome outcome_of(const Move& move, std::span<const LookedUp> looked_up, double began_ms);

  SuccessorTable& table_;
  const Clock& clock_;
  const Options options_;
  std::map<std::uint64_t, Move> moves_;                        // the oldest first
  std::vector<std::uint64_t> moving_;                          // of them, those that go on
  std::unordered_map<Key, std::uint64_t, KeyHash> number_of_;  // by the key of a part
  PrefetchCounts counts_;
};

}  // namespace fovea
