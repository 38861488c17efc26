// StreamWatch: what is to be kept of a stream that passes by. Not thread-safe. Its memory is bounded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/upstream/completion_fold.h"
#include "engine/upstream/event_stream.h"
#include "engine/upstream/relayed_api.h"

namespace fovea {

class StreamWatch {
 public:
  // Of a stream that is kept byte for byte: an answer of a hundred thousand tokens has some 20 MiB.
  static constexpr std::size_t bytes_max = 32 << 20;

  explicit StreamWatch(RelayedApi api) : api_(api), end_(api) {}

  void feed(std::string_view bytes);
  // Of chat completions the object that the chunks fold into, of others the bytes up to the end of an event;
  // empty where the answer did not come to its end, or cannot be kept.
  std::string answer();

 private:
  const RelayedApi api_;
  EventStream events_;
  CompletionFold fold_;  // of chat completions
  AnswerEnd end_;        // of others
  std::string bytes_;
  bool readable_ = true;
};

}  // namespace fovea
