// add_text, add_other: parts of a request's prompt, as their hashes. Functions over one request at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include "audit/audited_request.h"

namespace fovea {

// Of a request; more are refused, so that a line of braces fills no memory.
inline constexpr std::size_t parts_max = 1 << 16;
inline constexpr std::size_t pictures_max = 1 << 12;

// Where in a request a part stands.
struct PartPlace {
  PartRole role = PartRole::user;
  std::uint32_t message = 0;
};

// Appends `text` to the request's parts, unless it is empty.
void add_text(std::string_view text, PartPlace place, AuditedRequest& request);

// Appends a part that is no text and no picture, such as audio. `content`: all that tells it from others.
void add_other(std::string_view content, PartPlace place, AuditedRequest& request);

}  // namespace fovea
