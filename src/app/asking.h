// Asking: sends requests to the pipeline and shows each answer as it comes: text as a stream, or JSON;
// timings, progress, a heat map. For the one thread of `fovea ask`; it owns nothing but its settings.
#pragma once

#include <string>
#include <utility>

#include "app/terminal/interrupts.h"
#include "pipeline/pipeline.h"

namespace fovea::app {

struct Display {
  bool json = false;           // each answer is one object on one line of standard output
  bool timings = false;        // the report in two lines on standard error
  std::string heat_map;        // the file of the heat map; empty = none
  bool by_importance = false;  // the policy uses the importance of answers
};

class Asking {
 public:
  // Borrows the pipeline and the interrupts.
  Asking(Pipeline& pipeline, Interrupts& interrupts, Display display)
      : pipeline_(pipeline), interrupts_(interrupts), display_(std::move(display)) {}

  // Sends the request, and prints the answer to standard output. The JSON object repeats `question`.
  // Faults: those of Pipeline::answer; cancelled when Ctrl-C stopped it (what was printed stays).
  Result<Answer> ask(const Request& request, const std::string& question);

 private:
  // A model without attention costs the heat map and the policy's importances, but no answer. One warning is
  // enough.
  void warn_without_attention(const Answer& answer);
  Result<void> show_attention(const Request& request, const Answer& answer) const;

  Pipeline& pipeline_;
  Interrupts& interrupts_;
  Display display_;
  bool warned_ = false;
};

}  // namespace fovea::app
