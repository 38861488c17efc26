// json_grammar: a JSON Schema as a grammar for llama.cpp's sampler, so that an answer is JSON that fits the
// schema.
//
// All that the grammar accepts fits the schema, but not all that fits is accepted. Properties come in the
// order of the schema. Other properties are accepted only where additionalProperties allows them. All of
// prefixItems are required. There are two exceptions, which are accepted though they do not fit: a value
// that fits several schemas of a oneOf, and February 29 in any year. A keyword is enforced or refused, never
// ignored. An unknown keyword is refused too, since it may be misspelt.
//
// Known: type (or a list of them), enum, const, anyOf, oneOf, allOf of one, $ref within the schema (also to
// itself); properties, required, additionalProperties; items, prefixItems, minItems, maxItems; minLength,
// maxLength, format (date, time, date-time, uuid), pattern (string_pattern.h says which); minimum, maximum,
// exclusiveMinimum and exclusiveMaximum, exactly, of integers within 18 digits, and of other numbers where
// the bounds are whole; annotations (title, description and the like), and keywords that ask for nothing.
#pragma once

#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea::llama {

// The grammar, in GBNF, with the rule "root". Pure; thread-safe.
// Faults: invalid for text that is no schema, or a schema that no value fits; too_large for more than 64 KiB;
// unsupported for a keyword that cannot be enforced, and a schema whose grammar would be too large or too
// slow; with the place in the schema.
Result<std::string> json_grammar(std::string_view schema);

}  // namespace fovea::llama
