// read_multipart: the fields of a multipart/form-data body (RFC 7578). A pure function over hostile bytes.
#pragma once

#include <string_view>
#include <vector>

#include "serve/exchange.h"

namespace fovea::serve {

inline constexpr std::size_t form_fields_max = 64;

// `content_type` is the request's, with the boundary. The fields' bytes are views of `body`. Empty where the
// body is no such form, is not ended by its last boundary, or has more than form_fields_max fields.
std::vector<FormField> read_multipart(std::string_view content_type, std::string_view body);

}  // namespace fovea::serve
