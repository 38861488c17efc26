// RequestReport: what one answer cost, which level answered each part of it, and what that saved.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/slot.h"
#include "fovea/key.h"
#include "pipeline/bypass.h"
#include "pipeline/frames/frame_tile.h"
#include "store/record.h"

namespace fovea {

enum class Outcome : std::uint8_t {
  hit,     // found and used
  miss,    // looked for, not found
  bypass,  // not looked for; the reason says why
};

std::string_view to_string(Outcome outcome);

struct ImageReport {
  Key image_key;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t tiles = 0;       // 0 when a response hit made them unneeded, unless they were compared
  std::uint32_t tiles_hit = 0;   // whose embeddings were found
  std::uint32_t tiles_near = 0;  // that were taken for tiles of earlier frames
  bool decoded = false;          // false: the source was known, so its pixels were not needed
  bool preprocessed = false;     // false: the image was known, so it was not preprocessed again
  bool in_prefix = false;        // the decoder's state behind it was found, so its embeddings were not needed
};

// Milliseconds by stage. A stage that did not happen is 0.
struct StageTimes {
  double decode_ms = 0;      // source bytes to pixels and image key
  double lookup_ms = 0;      // rendering the prompt, building keys, asking the levels
  double wait_ms = 0;        // for turns at the encoder and in the decoder, and for what others compute
  double restore_ms = 0;     // finding the longest stored prefix and putting the decoder there
  double preprocess_ms = 0;  // pixels to tiles
  double hash_ms = 0;        // hashing what the encoder would be fed: what caching adds to a miss
  double encode_ms = 0;      // tiles to embeddings
  double prefill_ms = 0;     // prompt into the decoder
  double generate_ms = 0;    // tokens out of it
  double score_ms = 0;       // from what the answer attended to to importance
  double store_ms = 0;       // putting results into the levels
  double total_ms = 0;       // all of it, by one clock from start to end
};

// The stages by name, without "_ms", in the order in which they happen; the last is "total".
std::array<std::pair<const char*, double>, 12> named(const StageTimes& times);

// One look-up of a level and what came of it, or of what would have been looked up had the request not asked
// otherwise. The sizes and costs are those of the entry found or made, so that replay can try other policies
// on them.
struct LookupReport {
  CacheLevel level;
  Key key;
  Outcome outcome;
  std::uint64_t size;
  double cost_ms;
  std::optional<float> importance;       // of a response, where it is known
  TierKind found_in = TierKind::memory;  // of a hit
};

// What else is to be said of the response level: why a stored answer was not used, or whose answer a hit is.
enum class ResponseNote : std::uint8_t {
  none,
  too_old,         // the stored answer is older than the request allows
  may_lack_usage,  // the stored answer may lack token counts, which the request asked for
  joined,          // another request computed it at the same time
};

// What came of comparing the request's images with earlier frames.
struct FramesReport {
  Outcome outcome = Outcome::bypass;  // a hit when each tile of every image was taken for another, or equals it
  Bypass bypass = Bypass::none;       // why none was compared
  std::uint32_t tiles = 0;            // that were compared
  std::uint32_t tiles_near = 0;       // of them, those that were taken for another
  std::array<std::uint32_t, frame_tiles> tiles_by{};  // all of them, by FrameTile
  std::int32_t approximate_tokens = 0;                // of the prompt, those of such tiles
};

struct RequestReport {
  Outcome response = Outcome::bypass;
  Bypass response_bypass = Bypass::none;  // why the response level was not asked
  ResponseNote response_note = ResponseNote::none;
  std::optional<double> response_age_s;  // of a response hit: since the answer was made
  bool response_stored = false;          // this answer was, for whoever asks next
  // A hit when the decoder needed to read no image, or of a prompt without any, not all.
  Outcome prefix = Outcome::bypass;
  Bypass prefix_bypass = Bypass::none;
  // Of the prompt, not read because the decoder's state behind them was found
  std::int32_t cached_tokens = 0;
  std::int32_t prompt_tokens = 0;       // known before the answer begins
  std::int32_t image_tokens = 0;        // of prompt_tokens
  DraftCounts drafts;                   // of the answer, if it was computed
  DraftCounts predicted;                // of `drafts`, those from the client's prediction
  Outcome embedding = Outcome::bypass;  // hit when every tile of every image that was read was found
  Bypass embedding_bypass = Bypass::none;
  std::vector<ImageReport> images;     // in the order of the request's sources
  std::optional<FramesReport> frames;  // absent where near frames are off
  // Of the response, where the engine told what it attended to while computing it
  std::optional<float> importance;
  // The response first, if its level was asked; then prefixes and embeddings, of which a request whose
  // response hit has none.
  std::vector<LookupReport> lookups;
  StageTimes times;
  double saved_ms = 0;  // compute that hits made unnecessary, measured when their entries were made
};

// The farthest tier that a hit of `level` came from.
TierKind farthest_tier(const RequestReport& report, CacheLevel level);

}  // namespace fovea
