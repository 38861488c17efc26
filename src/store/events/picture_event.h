// PictureEvent: what memory holds of one picture at one level, after an entry made from it came or went.
// Plain values.
//
// An event tells what is held now, not only what changed. Who reads it keeps the last one of each picture and
// need not add up, so an event that is read twice does no harm.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "fovea/key.h"
#include "store/record.h"

namespace fovea {

// What became of the entry.
enum class PictureChange : std::uint8_t {
  stored,   // it was made, or came from a tier
  evicted,  // others needed the room, or it was replaced by one that was not stored
  purged,   // somebody removed it
};

// As it is printed, such as "evicted".
constexpr std::string_view to_string(PictureChange change) {
  switch (change) {
    case PictureChange::stored:
      return "stored";
    case PictureChange::evicted:
      return "evicted";
    case PictureChange::purged:
      return "purged";
  }
  return "";
}

struct PictureKey {
  RecordKind kind = RecordKind::embedding;
  Key scope;  // who may use what is held
  Key image;

  friend bool operator==(const PictureKey&, const PictureKey&) = default;
  friend auto operator<=>(const PictureKey&, const PictureKey&) = default;
};

struct PictureHolding {
  PictureKey picture;
  Key tenant;                 // who stored the last entry (tenant_label)
  std::uint32_t entries = 0;  // 0: nothing is held any more, and so is the rest
  std::uint64_t bytes = 0;    // of their records
  // What a request saves that finds them: of embeddings the sum, since a picture needs all its tiles; of
  // prefixes and responses the most that one of them saves, since a request takes one.
  std::uint64_t saves_us = 0;

  friend bool operator==(const PictureHolding&, const PictureHolding&) = default;
};

struct PictureEvent {
  std::uint64_t sequence = 0;  // from 1
  PictureChange change = PictureChange::stored;
  double at_unix_ms = 0;
  PictureHolding holding;  // behind the change
};

}  // namespace fovea
