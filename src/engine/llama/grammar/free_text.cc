// One rule for each number of the mark's characters that were just seen, as Knuth, Morris and Pratt search.
// Each rule ends with the next one, so the library's stack does not grow with the text.
#include "engine/llama/grammar/free_text.h"

#include <algorithm>
#include <cstdint>
#include <format>
#include <set>
#include <vector>

namespace fovea::llama {

namespace {

// How many characters of `mark` are seen at the end when `c` follows the first `seen` of them.
std::size_t seen_with(std::string_view mark, std::size_t seen, char c) {
  const std::string text = std::string(mark.substr(0, seen)) + c;
  std::size_t length = std::min(mark.size(), text.size());
  while (!std::string_view(text).ends_with(mark.substr(0, length))) --length;
  return length;
}

std::string code(char c) { return std::format("\\U{:08X}", static_cast<std::uint32_t>(c)); }

}  // namespace

GbnfRules::Id text_up_to(GbnfRules& rules, std::string_view mark, const std::string& behind, bool may_end) {
  std::vector<GbnfRules::Id> seen;
  for (std::size_t i = 0; i < mark.size(); ++i) seen.push_back(rules.reserve());
  const std::set<char> alphabet(mark.begin(), mark.end());
  for (std::size_t i = 0; i < mark.size(); ++i) {
    std::string others;
    std::string text;
    for (const char c : alphabet) {
      const std::size_t next = seen_with(mark, i, c);
      if (next == 0) continue;
      others += code(c);
      text += std::format("[{}] {} | ", code(c), next == mark.size() ? behind : GbnfRules::name(seen[next]));
    }
    text += std::format("[^{}] {}", others, GbnfRules::name(seen[0]));
    rules.define(seen[i], rules.text(may_end ? "( " + text + " )?" : text));
  }
  return seen[0];
}

GbnfRules::Id text_or(GbnfRules& rules, std::span<const Beginning> beginnings) {
  const GbnfRules::Id start = rules.reserve();
  std::string others = " \\n\\t\\r";
  std::string text = std::format("[ \\n\\t\\r] {} | ", GbnfRules::name(start));
  for (const auto& [mark, behind] : beginnings) {
    // From the last character of the mark to the second one.
    std::string rest = behind;
    for (std::size_t i = mark.size(); --i > 0;) {
      const std::string wanted = code(mark[i]);
      rest = GbnfRules::name(rules.text(std::format("( [{}] {} | [^{}] .* )?", wanted, rest, wanted)));
    }
    others += code(mark[0]);
    text += std::format("[{}] {} | ", code(mark[0]), rest);
  }
  rules.define(start, rules.text(std::format("( {}[^{}] .* )?", text, others)));
  return start;
}

}  // namespace fovea::llama
