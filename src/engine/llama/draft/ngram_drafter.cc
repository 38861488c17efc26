// Two indices: the prompt and the answer, which grows, and the texts that are given. Whoever agrees with more
// of what was said is followed. While the followed text agrees, nothing is looked up, since a longer run than
// any that is known has been seen there.
#include "engine/llama/draft/ngram_drafter.h"

#include <algorithm>
#include <ranges>

namespace fovea::llama {

namespace {

// One or two words occur anywhere in a long text, so they say little there. In a text about the same images
// they say more.
constexpr std::size_t own_run_min = 2;
constexpr std::size_t given_run_min = 1;

}  // namespace

NgramDrafter::NgramDrafter(std::span<const std::int32_t> prompt, std::span<const DraftText> texts)
    : own_(own_run_min), given_(given_run_min) {
  own_.add_text();
  for (const std::int32_t token : prompt.last(std::min(prompt.size(), prompt_tokens_max))) own_.append(0, token);
  std::size_t room = text_tokens_max;
  std::vector<std::span<const std::int32_t>> cut;
  for (const DraftText& text : texts) {
    cut.push_back(std::span(text.tokens).first(std::min(text.tokens.size(), room)));
    room -= cut.back().size();
  }
  for (const auto& [text, tokens] : std::views::reverse(std::views::zip(texts, cut))) {
    const std::uint32_t number = given_.add_text();
    given_sources_.push_back(text.prediction ? DraftSource::prediction : DraftSource::earlier);
    for (const std::int32_t token : tokens) given_.append(number, token);
  }
  // An answer may begin as the likeliest text does.
  if (!given_sources_.empty()) {
    const auto likeliest = static_cast<std::uint32_t>(given_sources_.size() - 1);
    followed_ = Followed{given_sources_.back(), {.text = likeliest}};
  }
  if (!followed_ || !has_next(*followed_)) followed_ = find();
}

bool NgramDrafter::has_next(const Followed& followed) const {
  const auto text = index_of(followed.source).text(followed.place.text);
  return followed.place.next < text.size() && text[followed.place.next] >= 0;
}

Guess NgramDrafter::guess() const {
  if (!followed_) return {};
  const TextPlace& place = followed_->place;
  const auto rest = index_of(followed_->source).text(place.text).subspan(place.next);
  const auto separator = std::ranges::find_if(rest, [](std::int32_t token) { return token < 0; });
  return {rest.first(static_cast<std::size_t>(separator - rest.begin())), followed_->source, place.run};
}

// A place that agrees with more of what was said is better; of equal ones, that in a text about the images.
std::optional<NgramDrafter::Followed> NgramDrafter::find() const {
  const auto said = own_.text(0);
  std::optional<Followed> best;
  if (const auto given = given_.find(said)) best = Followed{given_sources_[given->text], *given};
  if (const auto own = own_.find(said); own && (!best || own->run > best->place.run))
    best = Followed{DraftSource::own, *own};
  if (best && !has_next(*best)) return std::nullopt;
  return best;
}

// Where the followed text is behind `token`, or behind the one that it has in its place.
std::optional<NgramDrafter::Followed> NgramDrafter::advanced(std::int32_t token) const {
  if (!followed_) return std::nullopt;
  Followed next = *followed_;
  const bool agrees = index_of(next.source).text(next.place.text)[next.place.next] == token;
  if (!agrees && next.source == DraftSource::own) return std::nullopt;
  ++next.place.next;
  next.place.run = agrees ? next.place.run + 1 : 0;
  if (!has_next(next)) return std::nullopt;
  return next;
}

void NgramDrafter::append(std::int32_t token) {
  const auto next = advanced(token);
  own_.append(0, token);
  followed_ = next;
  if (next && next->place.run >= NgramIndex::run_max) return;
  const auto found = find();
  // One word in common is no reason to leave a text that differed in one word only.
  const std::uint32_t enough = next ? std::max(next->place.run + 1, 2U) : 1U;
  if (found && found->place.run >= enough) followed_ = found;
}

}  // namespace fovea::llama
