// What is said of a kind of spoiler: what it is, and how to mend it. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/audited_request.h"
#include "audit/findings.h"

namespace fovea {

// "changing_time", as --json spells it.
std::string_view to_string(SpoilerKind kind);
// What it is, as a sentence.
std::string what_of(SpoilerKind kind);
// How to mend it, as a sentence.
std::string fix_of(SpoilerKind kind);
// Whether the log proves it; otherwise it is likely.
bool is_sure(SpoilerKind kind);
// "system prompt", "user message 2"; empty for message -1.
std::string where_of(PartRole role, std::int32_t message);

}  // namespace fovea
