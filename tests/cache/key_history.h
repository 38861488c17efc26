// KeyHistory: what several threads did to one key of a level, and whether one order of it explains all they saw.
//
// A key of a cache is a register that may lose its value at any moment: a write stores a version, a read returns the one stored, an
// erase, or a miss, says that there was none at some instant of the call. Versions are written once, so the question has an exact
// answer (Gibbons and Korach, "Testing shared memories", 1997, theorem for registers whose writes differ). All events of a version
// together span a zone: from its first end to its last start, if in that order, the version must have been there without a
// break (a firm zone); else one instant of the zone suffices (a loose zone). The history is linearisable if and only if no
// read precedes its write, no two firm zones overlap, and no loose zone lies inside a firm one.
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
    removed,  // an erase, a clear, or an insert that was not stored: nothing there afterwards
    missed,   // found nothing
  };
  Kind kind;
  std::uint64_t version;     // of wrote and read
  std::uint64_t start, end;  // stamps taken before and after the call, all different
  // By the level's clock: a write's value is over by then; a read began not before.
  double expires_by_ms = std::numeric_limits<double>::infinity();
  double began_ms = 0;
  const char* call = "";  // which function it was, for the report
};

// A span in which the entry of a key was pinned: the call to pin, and the beginning of the release.
struct PinHold {
  std::uint64_t start, end, release;
};

// What is wrong with the history of one key, in a sentence; nullopt if one order explains it.
std::optional<std::string> order_fault(std::span<const KeyEvent> events);

// A miss while the entry was pinned and nobody wrote or removed it.
std::optional<std::string> pin_fault(std::span<const KeyEvent> events, std::span<const PinHold> holds);

// A read of a value whose time was over. REQUIRES: the key was never pinned.
std::optional<std::string> expiry_fault(std::span<const KeyEvent> events);

}  // namespace fovea::test
