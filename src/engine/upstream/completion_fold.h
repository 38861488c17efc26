// CompletionFold: the chunks of a streamed answer (chat.completion.chunk) back into the one object (chat.completion) that
// the same request would have got without streaming, so that an answer is stored once, whichever way it first came.
//
// It is careful rather than clever: whatever it does not know how to add up makes the answer not foldable. Such an answer
// was passed on as it came, and is only not kept. Not thread-safe; pure. Its memory is bounded by what it is fed.
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
  // Whether it was all there: foldable, every choice finished for a reason of its own, and [DONE] came last.
  bool complete() const;
  // The chat.completion object. REQUIRES: complete().
  std::string object() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea
