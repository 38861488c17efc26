// Any bytes as another server's event stream: what must hold of what they come to.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/check.h"
#include "engine/upstream/completion.h"
#include "engine/upstream/completion_fold.h"
#include "engine/upstream/event_stream.h"

namespace fovea {

// Reads `bytes` in pieces of this size. The object that they fold into; empty if they do not.
inline std::string folded(std::string_view bytes, std::size_t piece) {
  EventStream events;
  CompletionFold fold;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    events.feed(bytes.substr(0, piece), [&](const StreamedEvent& event) { fold.add(event.data); });
  return fold.complete() ? fold.object() : "";
}

// `object` as a stream, and back.
inline std::string folded_again(const std::string& object) {
  std::string stream;
  const auto chunks = chunks_of(object, {"id", 1}, true);
  check(chunks.has_value(), "what folds can be streamed");
  for (const std::string& chunk : *chunks) stream += "data: " + chunk + "\n\n";
  stream += "data: [DONE]\n\n";
  return folded(stream, stream.size());
}

inline void check_hostile_stream(std::string_view bytes) {
  const std::string object = folded(bytes, bytes.size() + 1);
  check(object == folded(bytes, 3), "how bytes are cut changes nothing");
  static_cast<void>(chunks_of(bytes, {"id", 1}, true));
  static_cast<void>(renamed(bytes, {"id", 1}));
  if (object.empty()) return;
  check(is_whole_completion(object), "what folds is whole");
  const std::string again = folded_again(object);
  check(!again.empty(), "and folds again");
  check(folded_again(again) == again, "into the same, but for the order of its members");
}

}  // namespace fovea
