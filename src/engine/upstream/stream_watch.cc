#include "engine/upstream/stream_watch.h"

#include <algorithm>
#include <utility>

namespace fovea {

void StreamWatch::feed(std::string_view bytes) {
  if (!readable_) return;
  const bool chat = api_ == RelayedApi::chat;
  readable_ = events_.feed(bytes, [&](const StreamedEvent& event) {
    if (chat) {
      fold_.add(event.data);
    } else {
      end_.add(event);
    }
  });
  if (chat) return;
  readable_ = readable_ && bytes.size() <= bytes_max - bytes_.size();
  if (readable_) bytes_ += bytes;
}

std::string StreamWatch::answer() {
  if (!readable_) return {};
  if (api_ == RelayedApi::chat) return fold_.complete() ? fold_.object() : std::string();
  if (!end_.complete()) return {};
  // Of a client that leaves at the last event, a part of what comes behind it may have passed: [DONE], say.
  bytes_.resize(bytes_.size() - std::min(bytes_.size(), events_.open_bytes()));
  return std::exchange(bytes_, {});
}

}  // namespace fovea
