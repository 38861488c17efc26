// Of each message that has pictures, a second order is kept: its pictures first. Where a request finds its
// pictures there, but not in the order in which they were sent, the text before them is the reason.
#include "audit/spoilers/picture_order.h"

#include "trace/mixed_bits.h"

namespace fovea {

namespace {

// Whether a text stands before the part, in its message.
bool is_behind_text(const AuditedRequest& request, std::size_t part) {
  const std::uint32_t message = request.parts[part].message;
  for (std::size_t i = part; i > 0 && request.parts[i - 1].message == message; --i)
    if (request.parts[i - 1].kind == PartKind::text) return true;
  return false;
}

}  // namespace

void PictureOrder::see(const PlacedRequest& placed, SpoilerTable* table) {
  const AuditedRequest& request = *placed.request;
  SpoiledWork lost;
  SpoilerTable::Where where;
  std::uint64_t place = 0;
  std::uint32_t message = UINT32_MAX;
  bool reached = true;  // an earlier request had these pictures in this order at the message's begin
  for (const PlacedPicture& picture : placed.pictures) {
    const AuditedPart& part = request.parts[picture.part];
    if (part.message != message) {
      message = part.message;
      std::size_t first = 0;  // the place behind the message before
      while (first < placed.path.size() && request.parts[placed.path[first].part].message != message) ++first;
      const PromptTree::Node node = first > 0 ? placed.path[first - 1].node : placed.root;
      place = mixed_bits(node);
      reached = node != PromptTree::none;
    }
    place = mixed_bits(place ^ mixed_bits(picture.identity));
    reached = reached && places_.contains(place);
    if (!reached && places_.size() < places_max) places_.insert(place);
    if (!reached || placed.path[picture.place].known) continue;
    if (!is_behind_text(request, picture.part)) continue;
    lost.prompt.picture_tokens += picture.work.tokens;
    where = {.sample = 1, .role = part.role, .message = static_cast<std::int32_t>(message)};
  }
  if (lost.prompt.picture_tokens > 0 && table != nullptr)
    table->add(SpoilerKind::picture_behind_text, placed, where, lost);
}

}  // namespace fovea
