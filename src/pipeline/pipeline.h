// Pipeline: answers one request, from the levels as far as they reach and from the engine for the rest.
//
// This is the paper's Algorithm 1, tile by tile, with a level between: response, then prefix, then
// embeddings, then the model. Thread-safe, and requests are answered side by side: what is the same in two of
// them - the whole answer, an image's tiles, one tile - is computed by one and taken by the other. Does not
// own the engine, which must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/semaphore.h"
#include "engine/engine.h"
#include "pipeline/frames/frame_comparison.h"
#include "pipeline/image_order.h"
#include "pipeline/known_requests.h"
#include "pipeline/laid_out.h"
#include "pipeline/levels/earlier_answers.h"
#include "pipeline/levels/embedding_level.h"
#include "pipeline/levels/prefix_level.h"
#include "pipeline/levels/response_level.h"
#include "pipeline/levels/stored_pictures.h"
#include "pipeline/request.h"
#include "pipeline/source_aliases.h"
#include "prefetch/prefetcher.h"
#include "store/events/picture_events.h"
#include "store/level_stores.h"
#include "store/purge_listeners.h"

namespace fovea {

struct PipelineOptions {
  std::uint64_t embedding_bytes_max = std::uint64_t{10} << 30;  // 0 = no embedding level (the paper's 10 GiB)
  std::uint64_t prefix_bytes_max = std::uint64_t{4} << 30;      // 0 = every prompt is read from its beginning
  std::uint64_t response_bytes_max = std::uint64_t{1} << 30;    // 0 = no response level (the paper's 1 GiB)
  // One budget for all levels in place of one each: bytes go to the level that saves most time per byte. 0 =
  // no level.
  std::optional<std::uint64_t> shared_bytes_max;
  PolicyKind policy = default_policy;
  DecodeLimits decode_limits;
  ImageOrder image_order = ImageOrder::as_sent;
  // Requests that are computed, or wait for it, at the same time. Each keeps a thread and its images'
  // embeddings, so there is an end; more are told to come again. Stored answers are not counted.
  std::uint32_t requests_max = 64;
  const Tiers* tiers = nullptr;  // behind the levels' memory; null = none; they outlive the pipeline
  // Pictures that a session is likely to ask for next are moved from the tiers to memory, if there are tiers.
  bool prefetch = false;
  // Near frames of one camera are taken for earlier ones (approximate). Absent: everything is exact.
  // REQUIRES: the engine has no frames_obstacle().
  std::optional<FrameOptions> frames;
};

struct PipelineStats {
  LevelStats embedding;
  LevelStats prefix;
  LevelStats response;
};

class Pipeline final : private PurgeListener {
 public:
  Pipeline(VisionLanguageEngine& engine, const PipelineOptions& options);
  ~Pipeline();

  // The answer and the report of how it was made. Nothing of a failed or cancelled request is stored but
  // finished embeddings, which are whole. Faults: those of decode(), with the source's name before the
  // sentence, and of VisionLanguageEngine; unavailable above requests_max; cancelled; timed_out.
  Result<Answer> answer(const Request& request, const Listener& listener = {}, std::stop_token stop = {});

  // Makes the embeddings of the request's images ahead of the first question about them; its messages are
  // not used. Listener::on_start is called when all of them turned out to be images. The report says what was
  // found and what was made. Faults: as answer().
  Result<RequestReport> warm(const Request& request, const Listener& listener = {}, std::stop_token stop = {});

  // The request's prompt as text, with its images in their places; they are not looked at. Faults: those of
  // VisionLanguageEngine::render.
  Result<Prompt> render(const Request& request) const;

  // The request's prompt as the model would read it. Nothing is encoded, nothing waits for a turn, and the
  // levels are not asked. Faults: as answer(), but for those of computing.
  Result<LaidOut> lay_out(const Request& request, std::stop_token stop = {}, Overlong overlong = Overlong::refused);

  // Removes what was kept of an image for `tenant`, under any salt: its embeddings, the answers about it, the
  // prefixes that hold it, and what the idle decoder has cached of anybody. The result is how many entries
  // went. What is being computed meanwhile is stored all the same.
  std::size_t purge(const Key& image_key, std::string_view tenant);
  // Removes all that was kept for `tenant`.
  std::size_t purge(std::string_view tenant);

  // Requests that are computed now, or wait for it; at most requests_max.
  std::uint32_t computing() const { return computing_.held(); }
  // In memory.
  PipelineStats stats() const { return {embeddings_.stats(), prefixes_.stats(), responses_.stats()}; }
  std::vector<TierStats> tier_stats() const { return stats_of(options_.tiers); }
  // nullopt where nothing is moved ahead of requests.
  std::optional<PrefetchCounts> prefetch_counts() const;
  // What near frames are compared with; nullopt where they are off.
  std::optional<FrameMemoryUse> frame_memory() const;
  // What the levels hold of pictures, and its changes.
  PictureEvents& events() { return events_; }

 private:
  friend class RequestRun;

  void purged_elsewhere(std::span<const PurgeLabel> labels) override;
  void purge_kept(const PurgeLabel& label);

  VisionLanguageEngine& engine_;
  const PipelineOptions options_;
  PictureEvents events_;
  const LevelStores stores_;
  SourceAliases aliases_;
  KnownRequests known_;
  EmbeddingLevel embeddings_;
  PrefixLevel prefixes_;
  ResponseLevel responses_;
  EarlierAnswers earlier_;
  std::unique_ptr<FrameComparison> frames_;  // null: everything is exact
  Semaphore computing_;
  DeadlineClock deadlines_;
  StoredPictures stored_pictures_;
  std::unique_ptr<Prefetcher> prefetcher_;  // null: nothing is moved ahead; last, since its thread uses the rest
};

}  // namespace fovea
