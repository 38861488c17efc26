// RelayEntry: another server's answer as the relay's response level keeps it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fovea/blob.h"
#include "fovea/key.h"

namespace fovea {

struct RelayEntry {
  double stored_at_ms = 0;   // by the relay's clock
  double cost_ms = 0;        // what upstream took
  bool tells_usage = false;  // it was asked for in a way that makes servers tell token counts
  std::vector<Key> image_keys;
  std::string object;  // the chat.completion

  Blob to_blob() const;
  // nullopt when the bytes are not what to_blob() writes.
  static std::optional<RelayEntry> from_blob(const Blob& blob);
};

}  // namespace fovea
