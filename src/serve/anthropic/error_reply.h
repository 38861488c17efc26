// Refusals in the form of Anthropic's API. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "serve/wire/refusal.h"

namespace fovea::serve::anthropic {

// Anthropic's word for the kind of error, which follows from the status.
std::string_view error_type(const Refusal& refusal);

// {"type": "error", "error": {"type", "message"}, "request_id"}. The message names the field that is wrong.
std::string error_json(const Refusal& refusal, std::string_view request_id);

// Whether a request to `path` with this anthropic-version header is told in this form.
bool speaks_messages(std::string_view path, std::string_view version);

}  // namespace fovea::serve::anthropic
