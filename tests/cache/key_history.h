// KeyHistory: what several threads did to one key of a level, and whether one order of these calls explains
// everything that they saw.
//
// A key of a cache is a register that may lose its value at any moment. A write stores a version, a read
// returns the stored one. An erase or a miss says that there was no value at some instant of the call. Every
// version is written once, so the question has an exact answer (Gibbons and Korach, "Testing shared
// memories", 1997, the theorem for registers whose writes differ). All events of a version together span a
// zone: from the first end to the last start. If these are in that order, the version must have been there
// without a break (a firm zone). Otherwise one instant of the zone suffices (a loose zone). The history is
// linearisable if and only if no read precedes its write, no two firm zones overlap, and no loose zone lies
// inside a firm one. Plain values and pure functions.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>

namespace fovea::test {

struct KeyEvent {
  enum class Kind : std::uint8_t {
    wrote,    // stored `version`
    read,     // found `version`
    removed,  // an erase, a clear, or a bypassed insert: no value afterwards
    missed,   // found nothing
  };
  Kind kind;
  std::uint64_t version;     // of wrote and read
  std::uint64_t start, end;  // stamps taken before and after the call, all different
  // By the level's clock: the time by which the value of a write has expired, and the time at which a read
  // began.
  double expires_by_ms = std::numeric_limits<double>::infinity();
  double began_ms = 0;
  const char* call = "";  // the function that was called, for the report
};

// One pin of a key's entry: when the call of pin() started and ended, and when the release started.
struct PinHold {
  std::uint64_t start, end, release;
};

// The fault in the history of one key, in a sentence; nullopt if one order explains it.
std::optional<std::string> order_fault(std::span<const KeyEvent> events);

// A miss while the entry was pinned and no call wrote or removed it; nullopt if there is none.
std::optional<std::string> pin_fault(std::span<const KeyEvent> events, std::span<const PinHold> holds);

// A read of an expired value; nullopt if there is none. REQUIRES: the key was never pinned.
std::optional<std::string> expiry_fault(std::span<const KeyEvent> events);

}  // namespace fovea::test
