// Scenario: what `fovea bench` asks: who looks at which picture (a Workload), what the prompts around the pictures are like, and what
// happens on the way. Read from a JSON file; samples/scenarios holds the bundled ones. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/result.h"
#include "workload/workload.h"

namespace fovea {

struct Scenario {
  Workload workload;  // its sizes and costs are not used here: they are measured

  // "question": one picture and one question. "chat": each picture is a conversation, whose turns come in the workload's order; every
  // turn carries the turns before it, pictures and answers included. "retrieval": the drawn picture among others that were asked about
  // before, at changing places between texts. "screens": the picture as it was, and as it is now.
  std::string prompt = "question";
  std::string system;                      // the system message; empty = none
  std::uint32_t turns_max = 8;             // of a chat; then the conversation begins anew
  std::uint32_t pictures_per_request = 1;  // of a retrieval
  std::int32_t max_tokens = 40;            // of an answer

  std::string pictures = "scene";  // "scene", "screen" or "frame": what is drawn where no folder of pictures is given
  bool moving = false;             // each request about a picture sees it one step further: a camera, a screen
  std::uint32_t width = 512;
  std::uint32_t height = 512;

  double restart_after = 0;  // once this share of the requests was asked, what answers is started again; 0 = never
  std::uint32_t control_every =
      0;  // after so many requests one about a picture nobody saw or will see, told apart from the others; 0 = never
};

// The scenario in `json`. Every field but the workload's name may be left out; unknown ones are faults. Faults: invalid.
Result<Scenario> parse_scenario(std::string_view json);

// The scenario in the file at `path`. Faults: those of parse_scenario and TraceSource; the sentence begins with the file.
Result<Scenario> read_scenario(const std::string& path);

// What is wrong with `scenario`, or null: for those who change one after it was read.
const char* complaint_about(const Scenario& scenario);

}  // namespace fovea
