// A run is a stretch of text, or one tile. The grid of a tile is guessed where the model does not tell it. A
// wrong guess changes the scores and maps of the image, but no attention sum.
#include "engine/llama/decode/attention_runs.h"

#include <mtmd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace fovea::llama {

namespace {

// The grid that a tile's tokens lie on: as the model's own two-dimensional positions say; else a square, if
// the number of tokens allows; else one row.
std::pair<std::uint32_t, std::uint32_t> grid_of(const mtmd_input_chunk& tile) {
  const mtmd_image_tokens* tokens = mtmd_input_chunk_get_tokens_image(&tile);
  const auto count = static_cast<std::uint32_t>(mtmd_input_chunk_get_n_tokens(&tile));
  if (tokens == nullptr || count == 0) return {count, 1};
  const mtmd_decoder_pos last = mtmd_image_tokens_get_decoder_pos(tokens, 0, count - 1);
  if (last.y > 0 && std::uint64_t{last.x + 1} * (last.y + 1) == count) return {last.x + 1, last.y + 1};
  const auto side = static_cast<std::uint32_t>(std::lround(std::sqrt(count)));
  return side * side == count ? std::pair(side, side) : std::pair(count, 1U);
}

}  // namespace

std::vector<TokenRun> runs_of(const LlamaLayout& layout) {
  std::vector<TokenRun> runs;
  const auto items = layout.items();
  for (std::size_t i = 0; i < items.size();) {
    if (const auto& tile = items[i].tile) {
      const auto [columns, rows] = grid_of(layout.tile(i++));
      append_run(runs, {.count = columns * rows,
                        .visual = true,
                        .image = tile->image,
                        .tile = tile->number,
                        .columns = columns,
                        .rows = rows});
      continue;
    }
    const std::size_t begin = i;
    while (i < items.size() && !items[i].tile) ++i;
    append_run(runs, {.count = static_cast<std::uint32_t>(i - begin)});
  }
  return runs;
}

void append_run(std::vector<TokenRun>& runs, TokenRun run) {
  run.first = runs.empty() ? 0 : runs.back().first + runs.back().count;
  if (run.count > 0) runs.push_back(run);
}

bool is_question_text(std::span<const PromptItem> items, std::size_t text) {
  const auto is_tile = [](const PromptItem& item) { return item.tile.has_value(); };
  const auto before = std::ranges::find_last_if(items.first(text), is_tile);
  if (before.empty()) return false;
  const auto behind = items.subspan(text);
  const auto after = std::ranges::find_if(behind, is_tile);
  const TileRef& last = *before.front().tile;
  return after == behind.end() || *after->tile != TileRef{last.image, last.number + 1};
}

}  // namespace fovea::llama
