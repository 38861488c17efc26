#include "engine/upstream/stream_watch.h"

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
  return end_.complete() ? std::exchange(bytes_, {}) : std::string();
}

}  // namespace fovea
