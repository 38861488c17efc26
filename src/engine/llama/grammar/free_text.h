// free_text: text in which a certain mark does not occur, as rules of a grammar. Pure except for the rules
// that are added.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/llama/grammar/gbnf_rules.h"

namespace fovea::llama {

// Any text up to the first `mark`, the mark, and then `behind` (a sequence in GBNF; may be empty).
// `may_end`: the text may also end without the mark.
// REQUIRES: `mark` is not empty, and ASCII.
GbnfRules::Id text_up_to(GbnfRules& rules, std::string_view mark, const std::string& behind, bool may_end);

struct Beginning {
  std::string_view mark;
  std::string behind;  // a sequence in GBNF
};

// Any text that begins, behind white space, with none of these marks; or one of the marks and what is behind
// it. REQUIRES: the marks are not empty, ASCII, and differ in their first characters, which are no white
// space.
GbnfRules::Id text_or(GbnfRules& rules, std::span<const Beginning> beginnings);

}  // namespace fovea::llama
