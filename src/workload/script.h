// Script: a scenario under one seed, request by request: what everyone who is measured is asked, in the same words and the same order.
//
// Pictures stand in it by name, not as bytes: PictureSet has those. Plain values; make_script is pure: the same on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "workload/picture_name.h"
#include "workload/scenario.h"

namespace fovea {

using ScriptPart = std::variant<std::string, PictureName>;

// What was seen before when a request comes, by whoever has all of it: what can be saved at most.
enum class RequestKind : std::uint8_t {
  repeat,   // the very same request
  known,    // all of its pictures, in another request
  partly,   // some of its pictures
  fresh,    // none
  control,  // about a picture that nobody saw or will see: not part of the scenario
};

std::string_view to_string(RequestKind kind);

struct ScriptRequest {
  RequestKind kind = RequestKind::fresh;
  // Requests of one conversation come one after another; each carries those before it.
  std::uint32_t conversation = 0;
  std::uint32_t turn = 0;         // 0 = it begins the conversation
  std::vector<ScriptPart> parts;  // of the user's message

  std::uint32_t pictures() const;  // in this message
};

struct Script {
  // Asked of everybody before the first one and told nobody: what a process does only once. About a picture like no other.
  ScriptRequest warm_up;
  std::vector<ScriptRequest> requests;
  std::uint32_t pictures = 0;  // different ones, with those of controls and the warm-up
};

// `questions` is the pool that texts are taken from, in order; a question beyond its end is one from the pool with a number behind it.
// REQUIRES: a scenario that parse_scenario would accept; a question.
Script make_script(const Scenario& scenario, std::uint64_t seed, std::span<const std::string> questions);

}  // namespace fovea
