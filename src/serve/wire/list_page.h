// ListPage: a part of a list of anything, as OpenAI and Anthropic write it. A plain struct for json_text(),
// with null for the ids of an empty part. Borrows the ids.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "serve/wire/json_text.h"

namespace fovea::serve::json {

struct ListPage {
  std::string_view object = "list";
  std::vector<glz::raw_json> data;
  std::optional<std::string_view> first_id, last_id;
  bool has_more = false;
};

}  // namespace fovea::serve::json
