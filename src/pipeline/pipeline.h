// Pipeline: answers one request, from the levels as far as they reach and from the engine for the rest.
//
// This is the paper's Algorithm 1, tile by tile, with a level between: response, then prefix, then embeddings, then the
// model. Thread-safe: requests look up and decode side by side and take turns at the engine, which holds one sequence;
// a request that waited asks the response level again, so identical requests in flight are computed once. Does not own
// the engine, which must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>

#include "base/mutex.h"
#include "engine/engine.h"
#include "fovea/coherence.h"
#include "fovea/level.h"
#include "pipeline/picture.h"
#include "pipeline/request.h"

namespace fovea {

struct PipelineOptions {
  std::uint64_t embedding_bytes_max = std::uint64_t{10} << 30;  // 0 = no embedding level (the paper's 10 GiB)
  std::uint64_t prefix_bytes_max = std::uint64_t{4} << 30;      // 0 = every prompt is read from its beginning
  std::uint64_t response_bytes_max = std::uint64_t{1} << 30;    // 0 = no response level (the paper's 1 GiB)
  // One budget for all levels in place of one each: bytes go to the level that saves most time per byte. 0 = no level.
  std::optional<std::uint64_t> shared_bytes_max;
  PolicyKind policy = default_policy;
  DecodeLimits decode_limits;
};

struct PipelineStats {
  LevelStats embedding;
  LevelStats prefix;
  LevelStats response;
};

class Pipeline {
 public:
  Pipeline(VisionLanguageEngine& engine, const PipelineOptions& options);

  // The answer and the report of how it was made. Nothing of a failed or cancelled request is stored but finished
  // embeddings, which are whole. Faults: those of decode(), with the source's name before the sentence, and of
  // VisionLanguageEngine.
  Result<Answer> answer(const Request& request, const Listener& listener = {}, std::stop_token stop = {});

  PipelineStats stats() const { return {embeddings_.stats(), prefixes_.stats(), responses_.stats()}; }

 private:
  friend class Answering;

  bool keeps_embeddings() const { return options_.shared_bytes_max.value_or(options_.embedding_bytes_max) > 0; }
  bool keeps_prefixes() const { return options_.shared_bytes_max.value_or(options_.prefix_bytes_max) > 0; }
  bool keeps_responses() const { return options_.shared_bytes_max.value_or(options_.response_bytes_max) > 0; }

  VisionLanguageEngine& engine_;
  const PipelineOptions options_;
  const std::shared_ptr<Budget> shared_budget_;  // null where each level has its own
  PictureBook pictures_;
  Level embeddings_;
  Level tilings_;  // image key -> its tiles' embedding keys; small beside the embeddings
  Level prefixes_;
  Level responses_;
  Coherence coherence_;
  // Held by the request that uses the engine's one sequence, model calls included: there is only one to use.
  Mutex turn_;
};

}  // namespace fovea
