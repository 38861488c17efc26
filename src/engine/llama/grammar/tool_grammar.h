// tool_grammar: answers that call tools, as a grammar for llama.cpp's sampler, so that calls are of the form
// that the model knows and their arguments fit the tools' JSON Schemas.
//
// Where a call is required the answer consists of calls. Otherwise it is text, or text and then calls, and
// ends with them; llama3 calls at the beginning of an answer or not at all. Text may be anything but the
// beginning of a call: once a model has written this, it has to go on with a call.
//
// Arguments fit a schema as json_grammar.h says. A schema that cannot be enforced is refused where the tool
// is strict. Otherwise the keywords that cannot be enforced are passed over, and the rest is kept to. Where a
// schema is too large, alone or with the others, its arguments are any JSON object. In forms with tags, other
// properties than the named ones are not written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/tools/tool_format.h"
#include "engine/tools/tool_use.h"
#include "fovea/result.h"

namespace fovea::llama {

// The grammar, in GBNF, with the rule "root". `content_schema`: an answer without a call is JSON that fits
// this JSON Schema, and one with calls has no text. Pure; thread-safe. Faults: invalid for a tool that has
// no proper name or the name of another, more than 128 tools, a named tool that is none of them, and
// parameters that are no schema of an object; unsupported or too_large for a schema that cannot be enforced;
// with the tool's name and the place in the schema. REQUIRES: use.wanted().
Result<std::string> tool_grammar(ToolFormat format, const ToolUse& use,
                                 const std::optional<std::string>& content_schema);

}  // namespace fovea::llama
