// Asking: puts one request to the pipeline and shows the answer as it comes: streamed text, JSON, timings, progress.
#pragma once

#include <string>
#include <utility>

#include "app/terminal/interrupts.h"
#include "pipeline/pipeline.h"

namespace fovea::app {

struct Display {
  bool json = false;           // one object an answer, on one line of standard output
  bool timings = false;        // the report in two lines on standard error
  std::string heat_map;        // where to draw what the answer looked at; empty = nowhere
  bool by_importance = false;  // the policy counts on being told what answers look at
};

class Asking {
 public:
  // Borrows the pipeline and the interrupts.
  Asking(Pipeline& pipeline, Interrupts& interrupts, Display display)
      : pipeline_(pipeline), interrupts_(interrupts), display_(std::move(display)) {}

  // Asks, and prints the answer to standard output. `question` is what the JSON object repeats.
  // Faults: those of Pipeline::answer; cancelled when Ctrl-C stopped it (what was printed stays).
  Result<Answer> ask(const Request& request, const std::string& question);

 private:
  // A model that tells nothing of what it looks at costs the heat map and the policy's importances, but no answer: it
  // is said once, and all else goes on.
  void say_if_nothing_is_told(const Answer& answer);
  Result<void> show_attention(const Request& request, const Answer& answer) const;

  Pipeline& pipeline_;
  Interrupts& interrupts_;
  Display display_;
  bool said_that_nothing_is_told_ = false;
};

}  // namespace fovea::app
