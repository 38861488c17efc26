// Script: a scenario under one seed, request by request. Every target gets these requests, in the same words
// and the same order.
//
// It has pictures by name; PictureSet has their bytes. Plain values. make_script is pure: the same on every
// machine.
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

// What a request has in common with earlier ones: the most that a cache can save.
enum class RequestKind : std::uint8_t {
  repeat,   // an earlier request was the same
  known,    // earlier requests had all of its pictures
  partly,   // earlier requests had some of its pictures
  fresh,    // no earlier request had any of its pictures
  control,  // about a picture that no other request has: not part of the scenario
};

std::string_view to_string(RequestKind kind);

struct ScriptRequest {
  RequestKind kind = RequestKind::fresh;
  // Requests of one conversation come one after another, and each carries those before it.
  std::uint32_t conversation = 0;
  std::uint32_t turn = 0;         // 0 = the first of the conversation
  std::vector<ScriptPart> parts;  // of the user's message

  std::uint32_t pictures() const;  // in this message
};

struct Script {
  // Sent to every target before the first request, and not counted, because a process does some work only
  // once. Its picture is in no other request.
  ScriptRequest warm_up;
  std::vector<ScriptRequest> requests;
  std::uint32_t pictures = 0;  // different ones, including those of controls and of the warm-up
};

// Texts are taken from `questions` in order. A question beyond its end is one of them with a number behind
// it. REQUIRES: a scenario that parse_scenario would accept; a question.
Script make_script(const Scenario& scenario, std::uint64_t seed, std::span<const std::string> questions);

}  // namespace fovea
