// CompletionFold: joins the chunks of a streamed answer (chat.completion.chunk) into the one object
// (chat.completion) that the same request would have got without streaming. So an answer is stored once,
// whether it first came as a stream or not.
//
// A member that it does not know how to join makes the answer not foldable. Such an answer was passed on as
// it came, and is only not stored. Not thread-safe. Its memory is bounded by what it is fed; it keeps nothing
// of the caller's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace fovea {

class CompletionFold {
 public:
  CompletionFold();
  ~CompletionFold();
  CompletionFold(const CompletionFold&) = delete;
  CompletionFold& operator=(const CompletionFold&) = delete;

  // Takes the data of one event: a chunk, or "[DONE]".
  void add(std::string_view data);

  // Why the answer cannot be folded; empty while it can.
  const std::string& obstacle() const;
  // Whether the answer is foldable and complete: every choice came to its own end, and [DONE] came last.
  bool complete() const;
  // The chat.completion object. REQUIRES: complete().
  std::string object() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea
