#include "pipeline/answer_attention.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "attention/entry_importance.h"
#include "attention/scores.h"

namespace fovea {

namespace {

bool tells(const Gaze& gaze) { return gaze.sum.query_rows() > 0 && std::ranges::any_of(gaze.runs, &TokenRun::visual); }

double probability_of(const Gaze& gaze) { return gaze.tokens > 0 ? std::exp(gaze.log_probability / gaze.tokens) : 0; }

// The tiles of picture `image`, with their scores.
std::vector<PlacedTile> tiles_of(const Gaze& gaze, std::span<const float> scores, std::uint32_t image,
                                 const std::vector<TilePlace>& places) {
  std::vector<PlacedTile> tiles;
  for (const TokenRun& run : gaze.runs) {
    if (!run.visual || run.image != image || run.tile >= places.size()) continue;
    const TilePlace& place = places[run.tile];
    tiles.push_back({.x = place.x,
                     .y = place.y,
                     .width = place.width,
                     .height = place.height,
                     .columns = run.columns,
                     .rows = run.rows,
                     .scores = scores.subspan(run.first, run.count)});
  }
  return tiles;
}

}  // namespace

std::optional<float> importance_of(const Gaze& gaze) {
  if (!tells(gaze)) return std::nullopt;
  return response_importance(visual_share(gaze.sum.importance(), gaze.runs), probability_of(gaze));
}

std::optional<AnswerAttention> attention_of(const Gaze& gaze, std::span<const std::vector<TilePlace>> places) {
  if (!tells(gaze)) return std::nullopt;
  const std::vector<double> importance = gaze.sum.importance();
  AnswerAttention attention{.visual_share = visual_share(importance, gaze.runs),
                            .probability = probability_of(gaze),
                            .runs = gaze.runs,
                            .received = importance,
                            .scores = token_scores(importance, gaze.runs),
                            .pictures = {}};
  attention.importance = response_importance(attention.visual_share, attention.probability);
  for (std::uint32_t image = 0; image < places.size(); ++image)
    attention.pictures.push_back(picture_map(tiles_of(gaze, attention.scores, image, places[image])));
  return attention;
}

}  // namespace fovea
