// What came before is known from the places and verdicts that PlacedRequest brings; here it is summed up.
// Sizes of prompts are summed as bytes, parts and picture tokens, and become tokens at the end, when TokenFit
// has seen all of the log.
#include "audit/reuse/reuse_count.h"

#include <algorithm>

#include "trace/mixed_bits.h"

namespace fovea {

namespace {

constexpr std::size_t listed_max = 20;  // clients, routes or models: what fits on a page
constexpr TokenFit rule_of_thumb;       // for the threshold, while the log is still read

// Behind a whole message, or the prompt.
bool ends_message(const PlacedRequest& placed, const PromptPlace& place) {
  const auto& parts = placed.request->parts;
  return place.ends_part &&
         (place.part + 1 == parts.size() || parts[place.part + 1].message != parts[place.part].message);
}

}  // namespace

std::uint32_t TileHistory::see(const AuditedRequest& request, const AuditedPicture& picture, std::uint64_t scope) {
  std::uint32_t again = 0;
  for (std::uint32_t i = 0; i < picture.tiles; ++i) {
    const std::uint64_t tile = mixed_bits(request.tile_hashes[picture.tiles_begin + i] ^ mixed_bits(scope));
    if (tiles_.contains(tile))
      ++again;
    else if (tiles_.size() < tiles_max)
      tiles_.insert(tile);
  }
  return again;
}

void ReuseCount::see(const PlacedRequest& placed) {
  const std::uint64_t again_before = pictures_.same_file + pictures_.other_file;
  for (const PlacedPicture& picture : placed.pictures) see_picture(placed, picture);
  Sums one{.requests = 1, .pictures = placed.pictures.size(), .prompt = placed.size};
  one.pictures_again = pictures_.same_file + pictures_.other_file - again_before;
  one.known = see_prompt(placed);
  ++questions_.asked;
  if (placed.question.again) {
    one.repeats = 1;
    ++questions_.repeats;
    ++(placed.request->deterministic ? questions_.repeats_stored : questions_.repeats_sampled);
  } else if (placed.question.prompt_again) {
    ++questions_.other_settings;
  }
  add(by_client_, placed.client, one);
  add(by_route_, placed.route, one);
  add(by_model_, placed.model, one);
}

void ReuseCount::see_picture(const PlacedRequest& placed, const PlacedPicture& picture) {
  const AuditedPicture& sent = placed.request->pictures[placed.request->parts[picture.part].picture];
  const PictureVerdict& verdict = picture.verdict;
  ++pictures_.sent;
  pictures_.bytes += sent.bytes;
  pictures_.tokens += picture.work.tokens;
  const std::uint32_t tiles_again = tiles_.see(*placed.request, sent, placed.scope);
  pictures_.tiles += sent.tiles;
  pictures_.tiles_again += tiles_again;
  if (!verdict.again) {
    ++pictures_.different;
    pictures_.as_tiles += tiles_again > 0 ? 1 : 0;
    pictures_.near += verdict.copy != Copy::none ? 1 : 0;
    return;
  }
  ++(verdict.same_file ? pictures_.same_file : pictures_.other_file);
  if (verdict.same_file) pictures_.bytes_again += sent.bytes;
  pictures_.tokens_again += picture.work.tokens;
  ++(placed.path[picture.place].known ? pictures_.same_prompt : pictures_.other_prompt);
  pictures_.other_client += verdict.client_had_it ? 0 : 1;
}

// How much of the prompt came before.
PromptSize ReuseCount::see_prompt(const PlacedRequest& placed) {
  if (placed.path.empty()) return {};
  PromptSize known, by_messages;
  const std::size_t places = placed.known_places();
  if (places > 0) known = placed.path[places - 1].size;
  for (std::size_t i = places; i-- > 0;) {
    if (!ends_message(placed, placed.path[i])) continue;
    by_messages = placed.path[i].size;
    break;
  }
  ++prefixes_.prompts;
  prefixes_.shared += rule_of_thumb.tokens(known) >= shared_tokens_min ? 1 : 0;
  prompts_ += placed.size;
  known_ += known;
  known_by_messages_ += by_messages;
  return known;
}

void ReuseCount::add(std::vector<Sums>& sums, std::uint32_t number, const Sums& one) {
  if (number >= sums.size()) sums.resize(number + 1);
  Sums& sum = sums[number];
  sum.requests += one.requests;
  sum.pictures += one.pictures;
  sum.pictures_again += one.pictures_again;
  sum.repeats += one.repeats;
  sum.prompt += one.prompt;
  sum.known += one.known;
}

std::vector<ReuseBy> ReuseCount::by(const std::vector<Sums>& sums, const Names& names, const TokenFit& fit) {
  std::vector<ReuseBy> all;
  for (std::uint32_t number = 0; number < sums.size(); ++number) {
    const Sums& sum = sums[number];
    if (sum.requests == 0) continue;
    all.push_back({.name = names.name(number),
                   .requests = sum.requests,
                   .pictures = sum.pictures,
                   .pictures_again = sum.pictures_again,
                   .prompt_tokens = fit.tokens(sum.prompt),
                   .prompt_tokens_known = fit.tokens(sum.known),
                   .repeats = sum.repeats});
  }
  std::ranges::stable_sort(all, std::ranges::greater(), &ReuseBy::requests);
  if (all.size() <= listed_max) return all;
  ReuseBy others{.name = Names::others};
  for (std::size_t i = listed_max - 1; i < all.size(); ++i) {
    others.requests += all[i].requests;
    others.pictures += all[i].pictures;
    others.pictures_again += all[i].pictures_again;
    others.prompt_tokens += all[i].prompt_tokens;
    others.prompt_tokens_known += all[i].prompt_tokens_known;
    others.repeats += all[i].repeats;
  }
  all.resize(listed_max - 1);
  all.push_back(std::move(others));
  return all;
}

ReuseFindings ReuseCount::findings(const RequestPlacer& placer, const TokenFit& fit) const {
  ReuseFindings reuse{.pictures = pictures_, .prefixes = prefixes_, .questions = questions_};
  reuse.pictures.tokens *= fit.per_picture_token;
  reuse.pictures.tokens_again *= fit.per_picture_token;
  reuse.prefixes.tokens = fit.tokens(prompts_);
  reuse.prefixes.tokens_known = fit.tokens(known_);
  reuse.prefixes.tokens_by_messages = fit.tokens(known_by_messages_);
  reuse.prefixes.text_bytes = prompts_.bytes;
  reuse.prefixes.text_bytes_known = known_.bytes;
  reuse.by_client = by(by_client_, placer.clients(), fit);
  reuse.by_route = by(by_route_, placer.routes(), fit);
  reuse.by_model = by(by_model_, placer.models(), fit);
  return reuse;
}

}  // namespace fovea
