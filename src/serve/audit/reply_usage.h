// reply_usage: how many tokens a reply says that it took, found in the ends of its body, whichever API it is
// of. A pure function over bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fovea::serve {

struct ReplyUsage {
  std::optional<std::uint64_t> prompt_tokens;  // cached ones among them, as OpenAI counts
  std::optional<std::uint64_t> answer_tokens;
  std::optional<std::uint64_t> cached_tokens;  // of the prompt
};

// `head` and `tail`: the first and the last bytes of a JSON document or of an event stream. What is not told,
// is told in a way that cannot be read, or lies between the two, is absent. Of several tellings of a number,
// as in streams, the last one counts.
ReplyUsage reply_usage(std::string_view head, std::string_view tail);

}  // namespace fovea::serve
