// Scenario: what `fovea bench` sends: which requests use which pictures (a Workload), what the prompts around
// the pictures are like, and what happens on the way.
//
// It is read from a JSON file. samples/scenarios has the bundled ones. Plain values; stateless functions;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/result.h"
#include "workload/workload.h"

namespace fovea {

struct Scenario {
  Workload workload;  // its sizes and costs are not used here: they are measured

  // "question": one picture and one question. "chat": each picture is a conversation, whose turns come in the
  // workload's order. Every turn carries the turns before it, with pictures and answers. "retrieval": the
  // request's picture among others of earlier requests, at changing places between texts. "screens": the
  // picture as it was, and as it is now. "clip": the picture's frames since the request before, so many as
  // pictures_per_request says.
  std::string prompt = "question";
  std::string system;                      // the system message; empty = none
  std::uint32_t turns_max = 8;             // of a chat; then a new conversation begins
  std::uint32_t pictures_per_request = 1;  // of a retrieval or a clip
  std::int32_t max_tokens = 40;            // of an answer

  std::string pictures = "scene";  // "scene", "screen" or "frame": what is drawn if no folder of pictures is given
  bool moving = false;             // each request gets its picture one step further: a camera, a screen
  std::uint32_t width = 512;
  std::uint32_t height = 512;

  double restart_after = 0;  // the share of the requests after which the targets are restarted; 0 = never
  // After so many requests comes a control: a request about a picture that no other request has. 0 = never.
  std::uint32_t control_every = 0;
};

// The scenario in `json`. Every field but the workload's name may be left out; unknown ones are faults.
// Faults: invalid.
Result<Scenario> parse_scenario(std::string_view json);

// The scenario in the file at `path`. Faults: those of parse_scenario and TraceSource; the sentence begins
// with the file.
Result<Scenario> read_scenario(const std::string& path);

// What is wrong with `scenario`, or null. For callers that change one after it was read.
const char* complaint_about(const Scenario& scenario);

}  // namespace fovea
