// Beside the tree of prompts stands another one, of prompts whose times, ids and numbers were passed over.
// Where a request leaves the ways of all earlier ones in the first tree, but goes on with one of them in the
// second, only such a variable keeps its prompt from being found, and only up to where it leaves the second
// one too.
//
// The last text of a prompt is its question. What changes in there is what is asked, and is no spoiler.
#include "audit/spoilers/changing_text.h"

#include <algorithm>

#include "trace/mixed_bits.h"

namespace fovea {

namespace {

constexpr TokenFit rule_of_thumb;

SpoilerKind kind_of(std::uint8_t variables) {
  if ((variables & variable_time) != 0) return SpoilerKind::changing_time;
  return (variables & variable_id) != 0 ? SpoilerKind::changing_id : SpoilerKind::changing_number;
}

// Whether the part is what the request asks: the last text, without anything but texts of the same message
// behind it.
bool is_question(const AuditedRequest& request, std::size_t part) {
  if (request.parts[part].role != PartRole::user && request.parts[part].role != PartRole::tool) return false;
  return std::ranges::none_of(request.parts.begin() + static_cast<std::ptrdiff_t>(part) + 1, request.parts.end(),
                              [&](const AuditedPart& later) {
                                return later.message != request.parts[part].message || later.kind == PartKind::image;
                              });
}

const PromptPlace* end_of_part(const PlacedRequest& placed, std::size_t part) {
  const auto end = std::ranges::find_if(
      placed.path, [&](const PromptPlace& place) { return place.part == part && place.ends_part; });
  return end == placed.path.end() ? nullptr : &*end;
}

}  // namespace

bool ChangingText::see(const PlacedRequest& placed, SpoilerTable& table) {
  const AuditedRequest& request = *placed.request;
  chain_.clear();
  std::uint64_t before = placed.scope;
  std::size_t pictures = 0;
  for (std::size_t part = 0; part < request.parts.size(); ++part) {
    const AuditedPart& one = request.parts[part];
    std::uint64_t content = one.kind == PartKind::text ? one.masked_hash : one.hash;
    if (one.kind == PartKind::image) content = placed.pictures[pictures++].identity;
    before = mixed_bits(before ^ part_hash(request, part, content));
    chain_.push_back(before);
  }
  const auto unknown = std::ranges::find_if(chain_, [&](std::uint64_t place) { return !places_.contains(place); });
  const auto masked_known = static_cast<std::size_t>(unknown - chain_.begin());
  for (const std::uint64_t place : chain_) {
    if (places_.size() >= places_max) break;
    places_.insert(place);
  }
  // The first part that only a variable tells from an earlier one.
  std::size_t part = 0;
  const PromptPlace* end = nullptr;
  for (; part < masked_known; ++part) {
    end = end_of_part(placed, part);
    if (end == nullptr || !end->known) break;
  }
  if (part >= masked_known || end == nullptr || request.parts[part].variables == 0 || is_question(request, part))
    return false;
  const PromptPlace* last = end_of_part(placed, masked_known - 1);
  const std::size_t places = placed.known_places();
  const PromptSize known = places > 0 ? placed.path[places - 1].size : PromptSize{};
  const SpoiledWork lost{.prompt = last->size - known};
  if (rule_of_thumb.tokens(lost.prompt) < lost_tokens_min) return false;
  table.add(kind_of(request.parts[part].variables), placed,
            {.sample = request.parts[part].masked_hash,
             .role = request.parts[part].role,
             .message = static_cast<std::int32_t>(request.parts[part].message)},
            lost);
  return true;
}

}  // namespace fovea
