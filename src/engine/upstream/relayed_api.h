// RelayedApi: the APIs whose answers a relay keeps, and what differs between them: where they are asked, and
// when an answer is complete enough to be kept. Pure functions over hostile JSON; AnswerEnd is not
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/upstream/event_stream.h"

namespace fovea {

enum class RelayedApi : std::uint8_t { chat, completions, responses, messages };

// Below the server's base URL: "/chat/completions".
std::string_view path_of(RelayedApi api);

// Whether `json` is an answer of the API that came to its own end: none that failed, or was given up.
bool is_whole_answer(RelayedApi api, std::string_view json);

// Watches a stream for its end. Of chat completions, CompletionFold does that.
class AnswerEnd {
 public:
  // REQUIRES: api is not chat.
  explicit AnswerEnd(RelayedApi api) : api_(api) {}

  void add(const StreamedEvent& event);
  // Whether the answer came to its own end, and the stream to its last event.
  bool complete() const { return last_ && finished_ && !failed_; }

 private:
  void add_completion(std::string_view data);
  void add_response(std::string_view data);
  void add_message(std::string_view data);

  const RelayedApi api_;
  std::map<std::uint64_t, bool> choices_;  // by index: whether it came to its end
  bool finished_ = false, last_ = false, failed_ = false;
};

// The answer, a JSON object or the text of a stream of events, under a new id: the letters before the first
// "-" or "_" of its own one, and `fresh`. The calls of a message get ids of their own, too, but for those
// that are their tools' names. The same bytes where it has no id.
std::string with_fresh_id(std::string answer, bool streamed, std::string_view fresh);
// A completion, whole or as a stream, that was made at another time: the numbers of its members "created".
std::string with_created(const std::string& answer, std::int64_t created);

}  // namespace fovea
