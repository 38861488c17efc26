// MadeFrom: the images that something stored is made from, in two roles. A plain value.
//
// A request finds what is stored by the images in its key. What is stored because of a near frame has the
// key of the picture that the frame was taken for; a purge of the frame itself reaches it too, but nobody who
// asks about that frame exactly finds it.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/key.h"

namespace fovea {

struct MadeFrom {
  std::vector<Key> named;   // requests about these find it
  std::vector<Key> others;  // and it goes with these as well

  // Each image once, named where it is named by either.
  void add(const MadeFrom& more);
  // As PurgeLabels wants them, with unnamed() in the record's header: the named ones first.
  std::vector<Key> labels() const;
  std::uint32_t unnamed() const { return static_cast<std::uint32_t>(others.size()); }
};

}  // namespace fovea
