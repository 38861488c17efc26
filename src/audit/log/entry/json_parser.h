// JsonParser: JSON objects out of texts, one at a time. Not thread-safe.
#pragma once

#include <string_view>

#include "audit/log/entry/json.h"
#include "fovea/result.h"

namespace fovea {

class JsonParser {
 public:
  // `text` as an object, valid until the next call. Fault: invalid, in words that go behind a place in a log.
  Result<JsonFields> object(std::string_view text);

 private:
  simdjson::dom::parser parser_;
};

}  // namespace fovea
