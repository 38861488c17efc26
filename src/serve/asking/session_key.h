// session_key: whose requests follow each other. camera_key: whose frames a request's images are. Pure
// functions.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/message.h"
#include "fovea/key.h"

namespace fovea::serve {

// By `name`, where the client sent one. Else by where the conversation began: everything up to the first
// message of the user; and of a request that begins one, what comes before that, so that single questions
// with the same instructions follow each other. Texts count to a bound, and pictures by their number. Two
// tenants never have a session in common.
Key session_key(std::string_view tenant, std::string_view name, std::span<const Message> messages);

// By the name that the client gave the camera, all of it. Users and conversations are no cameras. Two tenants
// never have a camera in common.
std::optional<Key> camera_key(std::string_view tenant, std::string_view name);

}  // namespace fovea::serve
