// request_refusal: why a request is not answered, with the field of the request that is wrong where the
// layers below say so in words: a picture, the answer's JSON Schema, or a tool's. A pure function.
#pragma once

#include <string_view>

#include "fovea/result.h"
#include "pipeline/request.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// `format_field`: the field that has the answer's schema, like "response_format"; may be empty.
Refusal request_refusal(const Error& error, const Request& request, std::string_view format_field);

}  // namespace fovea::serve
