// Completions: answers in OpenAI's form, as whole objects (chat.completion). Tells whether one is complete
// enough to be stored, gives it a new id, and splits it into the chunks that a stream of it would have had.
// Pure functions; thread-safe. The JSON may be hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

// What differs each time that the same answer is given.
struct CompletionName {
  std::string id;
  std::int64_t created;  // seconds since 1970
};

// Whether a finish_reason says that a choice came to its own end. Servers have other reasons, for answers
// that they gave up.
bool is_finish(std::string_view reason);

// Whether `json` is a chat.completion in which every choice came to its end.
bool is_whole_completion(std::string_view json);

// The same answer under another name, with ids of its own for its tool calls; nullopt if `json` is no object.
std::optional<std::string> renamed(std::string_view json, const CompletionName& name);

// The chat.completion.chunk objects of the answer under another name, as renamed() gives it, in order,
// without "data:" and without the [DONE] behind them; nullopt if `json` is no chat.completion. With
// `include_usage` the last one has the token counts, if the answer has them.
std::optional<std::vector<std::string>> chunks_of(std::string_view json, const CompletionName& name,
                                                  bool include_usage);

}  // namespace fovea
