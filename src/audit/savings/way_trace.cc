// Which prefixes there are follows PrefixLevel: behind the last picture; of a conversation behind all of it;
// and in front of the pictures, where a prompt leaves the way of an earlier one. The server knows the last
// from the decoder's slot, which had one of the requests before; here it is where the prompt leaves all
// earlier ones.
#include "audit/savings/way_trace.h"

#include <algorithm>
#include <array>

namespace fovea {

namespace {

// As PrefixLevel has it, by the rule of thumb for tokens: shorter ones are neither stored nor restored.
constexpr double stored_tokens_min = 32;
constexpr TokenFit rule_of_thumb;
constexpr std::size_t pictures_max = UINT16_MAX;

bool is_conversation(const AuditedRequest& request) {
  return std::ranges::contains(request.parts, PartRole::assistant, &AuditedPart::role);
}

bool is_long(const PromptPlace& place) { return rule_of_thumb.tokens(place.size) >= stored_tokens_min; }

}  // namespace

bool WayTrace::has_room(const PlacedRequest& placed) const {
  const std::size_t keys = pictures_.size() + prefixes_.size() + answer_keys_;
  return requests_.size() < requests_max && keys + placed.pictures.size() + stores_max < keys_max &&
         placed.pictures.size() <= pictures_max && placed.path.size() > 0;
}

void WayTrace::see(const PlacedRequest& placed) {
  if (placed.path.empty()) return;  // a request without a prompt has nothing to look up
  // Behind a gap nothing is known to come first: the rest is left out, too.
  complete_ = complete_ && has_room(placed);
  if (!complete_) return;
  WayRequest request{.begin = static_cast<std::uint32_t>(lookups_.size())};
  request.text_bytes = static_cast<float>(placed.size.bytes);
  request.parts = static_cast<float>(placed.size.parts);
  request.picture_tokens = static_cast<float>(placed.size.picture_tokens);
  request.prompt_tokens = static_cast<float>(placed.request->prompt_tokens.value_or(0));
  request.answer_tokens = static_cast<float>(placed.answer_tokens);
  if (placed.request->deterministic && placed.question.number != QuestionVerdict::no_number) {
    const std::uint32_t number = placed.question.number;
    if (number >= answer_of_.size()) answer_of_.resize(number + 1, WayRequest::no_answer);
    if (answer_of_[number] == WayRequest::no_answer) answer_of_[number] = answer_keys_++;
    request.answer = answer_of_[number];
  }
  add_pictures(placed, request);
  add_candidates(placed, request);
  add_stores(placed, request);
  requests_.push_back(request);
}

void WayTrace::add_pictures(const PlacedRequest& placed, WayRequest& request) {
  for (const PlacedPicture& picture : placed.pictures) {
    const std::uint32_t number = picture.verdict.number;
    std::uint32_t key = picture_keys();
    if (number != PictureVerdict::no_number) {
      if (number >= picture_of_.size()) picture_of_.resize(number + 1, UINT32_MAX);
      if (picture_of_[number] != UINT32_MAX) key = picture_of_[number];
      picture_of_[number] = key;
    }
    if (key == picture_keys()) pictures_.push_back(picture.work);
    lookups_.push_back(WayPicture(key, !picture.verdict.same_file).bits());
    ++request.pictures;
  }
}

// The last item of a prompt is always read, so its end is no candidate.
void WayTrace::add_candidates(const PlacedRequest& placed, WayRequest& request) {
  for (std::size_t i = placed.path.size() - 1; i-- > 0 && request.candidates < candidates_max;) {
    const std::uint32_t prefix = prefix_at(placed.path[i].node);
    if (prefix == no_prefix) continue;
    lookups_.push_back(prefix);
    ++request.candidates;
  }
}

void WayTrace::add_stores(const PlacedRequest& placed, WayRequest& request) {
  std::array<const PromptPlace*, stores_max> wanted{};
  const std::size_t known = placed.known_places();
  const std::uint32_t behind = placed.pictures.empty() ? 0 : placed.pictures.back().place;
  if (!placed.pictures.empty()) wanted[0] = &placed.path[behind];
  if (known > 0 && known < placed.path.size() && (placed.pictures.empty() || known - 1 < behind))
    wanted[1] = &placed.path[known - 1];
  if (is_conversation(*placed.request)) wanted[2] = &placed.path.back();
  for (const PromptPlace* place : wanted) {
    if (place == nullptr || place->node == PromptTree::none || !is_long(*place)) continue;
    if (place->node >= prefix_of_.size()) prefix_of_.resize(place->node + 1, no_prefix);
    std::uint32_t& key = prefix_of_[place->node];
    if (key == no_prefix) {
      key = prefix_keys();
      prefixes_.push_back({.size = place->size, .pictures = place->pictures});
    }
    lookups_.push_back(key);
    ++request.stores;
  }
}

std::span<const std::uint32_t> WayTrace::pictures(const WayRequest& request) const {
  return std::span(lookups_).subspan(request.begin, request.pictures);
}
std::span<const std::uint32_t> WayTrace::candidates(const WayRequest& request) const {
  return std::span(lookups_).subspan(request.begin + request.pictures, request.candidates);
}
std::span<const std::uint32_t> WayTrace::stores(const WayRequest& request) const {
  return std::span(lookups_).subspan(request.begin + request.pictures + request.candidates, request.stores);
}

}  // namespace fovea
