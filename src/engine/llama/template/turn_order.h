// How turns are arranged for templates that do not take every conversation. Pure functions.
#pragma once

#include <vector>

#include "engine/llama/template/turn.h"

namespace fovea::llama {

// The system's turn in front becomes the beginning of the first turn, if that is the user's.
std::vector<Turn> with_system_in_user(std::vector<Turn> turns);

// Turns of the same writer in a row are one: for templates that want the user and the assistant in turns.
std::vector<Turn> merged(std::vector<Turn> turns);

// Each call is a turn of its own, with its result behind it: for templates that take one call a turn.
std::vector<Turn> with_single_calls(std::vector<Turn> turns);

// What the assistant says beside calls is a turn in front of them: for templates that would drop it.
std::vector<Turn> with_calls_alone(std::vector<Turn> turns);

// The messages with the pictures of tools' results in a user's message behind those.
std::vector<Message> with_pictures_behind_results(std::span<const Message> messages);

}  // namespace fovea::llama
