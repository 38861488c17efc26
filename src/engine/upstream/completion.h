// Answers in OpenAI's form, as whole objects (chat.completion): whether one is worth keeping, one under a new name, and
// one as the chunks that a stream of it would have had. Pure functions; the JSON may be anybody's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

// What each answer has of its own, however often the same is given.
struct CompletionName {
  std::string id;
  std::int64_t created;  // seconds since 1970
};

// Whether a finish_reason says that a choice came to its own end. Servers have others, for answers that they gave up.
bool is_finish(std::string_view reason);

// Whether `json` is a chat.completion of which every choice came to its end.
bool is_whole_completion(std::string_view json);

// The same answer under another name; nullopt where `json` is no object.
std::optional<std::string> renamed(std::string_view json, const CompletionName& name);

// The chat.completion.chunk objects of the answer, in order, without "data:" and without the [DONE] behind them; nullopt
// where `json` is no chat.completion. With `include_usage` the last one has the token counts, where the answer has them.
std::optional<std::vector<std::string>> chunks_of(std::string_view json, const CompletionName& name,
                                                  bool include_usage);

}  // namespace fovea
