// json_grammar: a JSON Schema as a grammar for llama.cpp's sampler, so that an answer is JSON that fits.
//
// What the grammar takes fits the schema, but it need not take all that would: properties come in the order written,
// ones that the schema does not name only where additionalProperties says so, and all of prefixItems are there. Two
// things are taken that do not fit: what fits several schemas of a oneOf, and February 29 in any year. What a keyword
// asks for is kept to or refused, never dropped in silence, and so is a keyword that is not known: it may be misspelt.
//
// Known: type (or a list of them), enum, const, anyOf, oneOf, allOf of one, $ref within the schema (also to itself);
// properties, required, additionalProperties; items, prefixItems, minItems, maxItems; minLength, maxLength, format
// (date, time, date-time, uuid); and what says nothing about the value (title, description and the like).
#pragma once

#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea::llama {

// The grammar, in GBNF, with the rule "root". Pure; thread-safe.
// Faults: invalid for what is no schema, or one that nothing fits; too_large for a schema of more than 64 KiB;
// unsupported for a keyword that it cannot keep to, and a schema that would make a grammar too large or too slow, with
// the place in the schema.
Result<std::string> json_grammar(std::string_view schema);

}  // namespace fovea::llama
