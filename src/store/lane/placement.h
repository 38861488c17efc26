// Placement: whether to fetch a value from a tier or to compute it, and which values are worth storing there,
// by what was measured of this tier and of the values of each kind.
//
// That is the paper's network-aware placement (section "Future work"). It knows no tier, no thread and no
// clock: TierLane asks it, and the simulator does. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "store/lane/kind_traffic.h"
#include "store/lane/transfer_time.h"
#include "store/record.h"

namespace fovea {

class Placement {
 public:
  // `transfer` and `expected` hold until something was measured.
  explicit Placement(TransferTime::Guess transfer, const KindTraffic::Averages& expected = {})
      : transfer_(transfer), traffic_(expected) {}

  // A value of `kind` is to be looked for: whether the tier is worth asking. Where it takes longer than it
  // saves, now and then all the same.
  bool asks(RecordKind kind);
  // How long so many values are likely to take to come; 0 before the size of such values is known.
  double fetch_ms(RecordKind kind, std::size_t values) const;
  // How long a look-up for so many values may take.
  double wait_ms(RecordKind kind, std::size_t values) const;
  // Whether computing a value takes so much longer than asking that others should be told to leave it.
  bool is_worth_lease(RecordKind kind) const;
  // How long computing a value takes at most, unless who computes it is gone.
  double lease_ms(RecordKind kind) const;
  // Whether a value that was just made is to be stored: it takes longer to compute than to read back. Where
  // only its bytes are against it, now and then all the same.
  bool writes(RecordKind kind, double cost_ms, std::uint64_t bytes);

  // A value was found or made.
  void observe_value(RecordKind kind, double cost_ms, std::uint64_t bytes);
  // A look-up that found so many bytes took so long.
  void observe_transfer(std::uint64_t bytes, double ms) { transfer_.observe(bytes, ms); }
  // Storing so many bytes took so long.
  void observe_write(std::uint64_t bytes, double ms) { transfer_.observe_write(bytes, ms); }

 private:
  TransferTime transfer_;
  KindTraffic traffic_;
  std::array<std::atomic<std::uint64_t>, record_kinds> not_worth_asking_{}, not_worth_writing_{};
};

}  // namespace fovea
