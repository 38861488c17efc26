// One table, in the order of the kinds: its words are what a person reads, so they name what to change and
// where.
#include "audit/spoilers/spoiler_words.h"

#include <array>
#include <format>
#include <utility>

namespace fovea {

namespace {

struct Words {
  SpoilerKind kind;
  std::string_view name, what, fix;
  bool sure = true;
};

constexpr std::array<Words, spoiler_kinds> all_words{{
    {SpoilerKind::changing_time, "changing_time",
     "A date or a time changes in a text in front of what stays the same, so nothing behind it is found.",
     "Put the date or time at the end of the last user message, or give only the day."},
    {SpoilerKind::changing_id, "changing_id",
     "An id (a UUID, a hash) changes in a text in front of what stays the same, so nothing behind it is found.",
     "Leave the id out of the prompt, or send it as a header or in `metadata`."},
    {SpoilerKind::changing_number, "changing_number",
     "A number changes in a text in front of what stays the same, so nothing behind it is found.",
     "Put what changes behind what stays the same: at the end of the last user message."},
    {SpoilerKind::picture_behind_text, "picture_behind_text",
     "A known picture stands behind a text that changes, so the prompt up to it is read again.",
     "Put pictures before the text of their message; `fovea serve --image-order first` does it without the client."},
    {SpoilerKind::reencoded_picture, "reencoded_picture",
     "A picture comes in other bytes than before, with the same pixels: caches that go by bytes miss it.",
     "Send the file as it was stored, or encode it once and keep the result. Fovea finds it by its pixels."},
    {SpoilerKind::similar_picture, "similar_picture",
     "A picture looks like an earlier one of the same size, and differs in its pixels: it was probably compressed "
     "again.",
     "Compress a picture once (JPEG loses a little each time) and send the same bytes from then on.", false},
    {SpoilerKind::resized_picture, "resized_picture",
     "A picture looks like an earlier one in another size: it was probably scaled for each request.",
     "Scale a picture once, to the size that the model takes, and send that each time.", false},
    {SpoilerKind::changing_detail, "changing_detail",
     "The same picture comes with another `detail`: to a provider that cuts pictures by it, this is another picture.",
     "Choose one `detail` for each use, and set it always."},
    {SpoilerKind::changing_url, "changing_url",
     "The same URL comes with another query (a signature, a cache-buster): caches that go by URL miss it.",
     "Sign URLs for longer, or send the picture's bytes or an uploaded file's id.", false},
    {SpoilerKind::sampled_repeat, "sampled_repeat",
     "The same question is asked again with sampling and no seed, so no stored answer may be given.",
     "Set `temperature` to 0, or a fixed `seed`, where an equal answer is welcome."},
    {SpoilerKind::changing_settings, "changing_settings",
     "The same prompt comes with other settings (a random seed, say), so no stored answer may be given.",
     "Use one seed and one set of options for each kind of question."},
    {SpoilerKind::changing_tools, "changing_tools",
     "The same tools come in another order, so nothing behind them is found.",
     "Sort tools by name before they are sent, and write their schemas with sorted keys."},
}};

const Words& words_of(SpoilerKind kind) { return all_words[std::to_underlying(kind)]; }

constexpr bool in_order() {
  for (std::size_t i = 0; i < all_words.size(); ++i)
    if (std::to_underlying(all_words[i].kind) != i) return false;
  return true;
}
static_assert(in_order(), "words are found by their kind's number");

}  // namespace

std::string_view to_string(SpoilerKind kind) { return words_of(kind).name; }
std::string what_of(SpoilerKind kind) { return std::string(words_of(kind).what); }
std::string fix_of(SpoilerKind kind) { return std::string(words_of(kind).fix); }
bool is_sure(SpoilerKind kind) { return words_of(kind).sure; }

std::string where_of(PartRole role, std::int32_t message) {
  if (message < 0) return "";
  switch (role) {
    case PartRole::system:
      return "system prompt";
    case PartRole::tools:
      return "tool definitions";
    case PartRole::assistant:
      return std::format("message {}, of the assistant", message + 1);
    case PartRole::tool:
      return std::format("message {}, of a tool", message + 1);
    case PartRole::user:
      return std::format("message {}, of the user", message + 1);
  }
  return "";
}

}  // namespace fovea
