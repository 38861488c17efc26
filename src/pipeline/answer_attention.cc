// Scores are of tokens, and a map is of places. A visual token's place follows from its tile's place on the
// image and from its row and column in the tile; text tokens have none.
#include "pipeline/answer_attention.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "attention/entry_importance.h"
#include "attention/scores.h"

namespace fovea {

namespace {

bool tells(const AttentionSummary& summary) {
  return summary.sum.query_rows() > 0 && std::ranges::any_of(summary.runs, &TokenRun::visual);
}

double probability_of(const AttentionSummary& summary) {
  return summary.tokens > 0 ? std::exp(summary.log_probability / summary.tokens) : 0;
}

// The tiles of image `image`, with their scores.
std::vector<PlacedTile> tiles_of(const AttentionSummary& summary, std::span<const float> scores, std::uint32_t image,
                                 const std::vector<TilePlace>& places) {
  std::vector<PlacedTile> tiles;
  for (const TokenRun& run : summary.runs) {
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

std::optional<float> importance_of(const AttentionSummary& summary) {
  if (!tells(summary)) return std::nullopt;
  return response_importance(visual_share(summary.sum.importance(), summary.runs), probability_of(summary));
}

std::optional<AnswerAttention> attention_of(const AttentionSummary& summary,
                                            std::span<const std::vector<TilePlace>> places) {
  if (!tells(summary)) return std::nullopt;
  const std::vector<double> importance = summary.sum.importance();
  AnswerAttention attention{.visual_share = visual_share(importance, summary.runs),
                            .probability = probability_of(summary),
                            .runs = summary.runs,
                            .received = importance,
                            .scores = token_scores(importance, summary.runs),
                            .pictures = {}};
  attention.importance = response_importance(attention.visual_share, attention.probability);
  for (std::uint32_t image = 0; image < places.size(); ++image)
    attention.pictures.push_back(picture_map(tiles_of(summary, attention.scores, image, places[image])));
  return attention;
}

}  // namespace fovea
