#include "audit/spoilers/request_spoilers.h"

namespace fovea {

namespace {

SpoilerKind kind_of(Copy copy) {
  return copy == Copy::resized ? SpoilerKind::resized_picture : SpoilerKind::similar_picture;
}

}  // namespace

// What is lost of a picture with the same pixels is opening its file; of one with other pixels, all of it.
void see_picture_copies(const PlacedRequest& placed, SpoilerTable& table) {
  const auto add = [&](SpoilerKind kind, const SpoiledWork& lost) { table.add(kind, placed, {}, lost); };
  for (const PlacedPicture& picture : placed.pictures) {
    const PictureVerdict& verdict = picture.verdict;
    const PictureWork& work = picture.work;
    const double new_ms = double{work.open_ms} + work.preprocess_ms + work.encode_once_ms;
    const SpoiledWork whole{.prompt = {.picture_tokens = work.tokens}, .ms = new_ms};
    if (verdict.again && !verdict.same_file) add(SpoilerKind::reencoded_picture, {.ms = work.open_ms});
    if (verdict.other_detail) add(SpoilerKind::changing_detail, {});
    if (verdict.copy != Copy::none) add(kind_of(verdict.copy), whole);
    if (verdict.other_query) add(SpoilerKind::changing_url, whole);
  }
}

void see_unstored_repeat(const PlacedRequest& placed, SpoilerTable& table) {
  const SpoiledWork whole{.prompt = placed.size, .answer_tokens = placed.answer_tokens};
  if (placed.question.again && !placed.request->deterministic)
    table.add(SpoilerKind::sampled_repeat, placed, {}, whole);
  if (!placed.question.again && placed.question.prompt_again)
    table.add(SpoilerKind::changing_settings, placed, {}, whole);
}

}  // namespace fovea
