// FrameTile: what became of a tile that was compared with earlier frames of its camera. Plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fovea {

enum class FrameTile : std::uint8_t {
  near,        // it is taken for another
  same,        // it equals the encoded one of its place, so that nothing is approximate
  known,       // memory has its own embedding
  first,       // nothing of its place was encoded yet
  learning,    // too few frames to know the noise
  too_noisy,   // what changes from frame to frame is too much for noise
  changed,     // some part of it differs by more than noise
  lighter,     // it became brighter or darker as a whole
  due,         // to be encoded, whatever it shows
  unsettled,   // the embedding encoded last lies unusually far from others of its place
  too_old,     // what it is near to is older than the request allows
  too_many,    // the frame takes tiles of as many pictures as it may
  unreadable,  // the encoder does not show what it is fed
};
constexpr std::size_t frame_tiles = 13;  // how many there are

// All of them, in order.
constexpr std::array<FrameTile, frame_tiles> all_frame_tiles = {
    FrameTile::near,      FrameTile::same,     FrameTile::known,     FrameTile::first, FrameTile::learning,
    FrameTile::too_noisy, FrameTile::changed,  FrameTile::lighter,   FrameTile::due,   FrameTile::unsettled,
    FrameTile::too_old,   FrameTile::too_many, FrameTile::unreadable};

// As it is printed, such as "too_noisy".
constexpr std::string_view to_string(FrameTile tile) {
  switch (tile) {
    case FrameTile::near:
      return "near";
    case FrameTile::same:
      return "same";
    case FrameTile::known:
      return "known";
    case FrameTile::first:
      return "first";
    case FrameTile::learning:
      return "learning";
    case FrameTile::too_noisy:
      return "too_noisy";
    case FrameTile::changed:
      return "changed";
    case FrameTile::lighter:
      return "lighter";
    case FrameTile::due:
      return "due";
    case FrameTile::unsettled:
      return "unsettled";
    case FrameTile::too_old:
      return "too_old";
    case FrameTile::too_many:
      return "too_many";
    case FrameTile::unreadable:
      return "unreadable";
  }
  return "";
}

}  // namespace fovea
