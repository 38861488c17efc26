// FilePage: a part of the list of files, as a client asks for it in the query. A pure function over an
// exchange.
#pragma once

#include <vector>

#include "serve/exchange.h"
#include "serve/files/stored_file.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

struct FilePage {
  std::vector<StoredFile> files;
  bool has_more = false;
};

// Of `newest_first`, the files behind the one that `after` (Anthropic's after_id) names, at most `limit` of
// them; the oldest first where `order` is asc; of one `purpose` only, where there is one. Refused: a limit
// out of 1 to 10,000, another order, before_id. An unknown `after` is the end of the list.
Parsed<FilePage> page_of(std::vector<StoredFile> newest_first, const Exchange& exchange);

}  // namespace fovea::serve
