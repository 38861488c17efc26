// read_upload: the form of an upload to /v1/files, as OpenAI's clients and Anthropic's send it. A pure
// function over an exchange.
#pragma once

#include <cstdint>
#include <string>

#include "fovea/blob.h"
#include "serve/exchange.h"
#include "serve/files/stored_file.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

struct Upload {
  std::string name;
  Blob bytes;
  FileTerms terms;
};

// The fields file, purpose (vision or user_data; Anthropic's clients send none, which is user_data) and
// expires_after[anchor] with expires_after[seconds]. Refused: no file, or one above `bytes_max`; another
// purpose; a time that is none.
Parsed<Upload> read_upload(const Exchange& exchange, std::uint64_t bytes_max);

}  // namespace fovea::serve
