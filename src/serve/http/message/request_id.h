// request_id: the id of a request, which clients give their users: X-Request-Id of OpenAI's API, Request-Id
// of Anthropic's. Pure functions, but for the fresh id.
#pragma once

#include "serve/http/message/request_head.h"
#include "serve/wire/headers.h"

namespace fovea::serve {

// Gives `head` an X-Request-Id where it has none that can be repeated in a reply: at most 128 letters, digits
// and "-", "_", ".", ":", "/".
void name_request(RequestHead& head);

// The fields of a reply to the request. REQUIRES: name_request(head).
void add_request_id(Headers& headers, const RequestHead& head);

}  // namespace fovea::serve
