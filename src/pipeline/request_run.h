// RequestRun: one request's way through the pipeline: the paper's Algorithm 1, tile by tile, with the prefix
// level between. Lives for one call; used by one thread, and by the engine's while it generates.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "pipeline/levels/prefix_level.h"
#include "pipeline/levels/response_level.h"
#include "pipeline/levels/stored_response.h"
#include "pipeline/pipeline.h"
#include "pipeline/request_context.h"

namespace fovea {

class RequestRun final : private ResponseWork {
 public:
  RequestRun(Pipeline& pipeline, const Request& request, const Listener& listener, std::stop_token stop);

  // The answer. Faults: as Pipeline::answer().
  Result<Answer> answer();
  // Only the embeddings of the request's images, found or made. Faults: as Pipeline::warm().
  Result<RequestReport> warm();
  // The prompt, laid out and no more. Faults: as Pipeline::lay_out().
  Result<LaidOut> laid_out(Overlong overlong);

 private:
  Result<void> open_images();
  Result<void> compare_frames(Semaphore::Permit& permit);
  void note_made_from();
  bool takes_purged() const;
  Result<void> name_response();
  Result<void> render();
  Result<void> lay_out(Overlong overlong);
  std::vector<ImageSize> image_sizes() const;
  Result<void> acquire_slot();
  Result<void> prefill();
  std::vector<DraftText> draft_texts();
  Result<void> generate();
  std::vector<std::vector<TilePlace>> tile_places();
  std::unexpected<Error> no_permit() const;
  std::unexpected<Error> failed(const Error& error) const;
  Result<Answer> finish(const Result<void>& answered);
  void tell_prefetcher() const;

  bool accept(const Record& stored) override;
  void replay() override;
  Result<void> compute() override;
  Result<Blob> record() override;
  std::span<const Key> made_from() const override { return context_.embedding_keys; }

  Pipeline& pipeline_;
  VisionLanguageEngine& engine_;
  const Request& request_;
  Stopwatch since_start_;
  Deadline deadline_;
  RequestContext context_;
  std::vector<RequestImage> images_;
  std::vector<Key> image_keys_;
  std::vector<Key> identities_;        // of the images, by what they are taken for: what keys are made of
  MadeFrom made_from_;                 // the images whose purge reaches what is stored of the request
  std::vector<Key> labels_;            // all of them
  std::uint64_t purges_compared_ = 0;  // before the comparison
  std::optional<Prompt> prompt_;       // once somebody needs it
  ResponseUse response_;
  std::unique_ptr<PromptLayout> layout_;
  PrefixUse prefix_;
  std::vector<std::vector<Blob>> embeddings_;  // by image, as far as they are needed
  AttentionSummary attention_;
  std::unique_ptr<Slot> slot_;  // while it computes; goes before the layout
  Answer answer_;
};

}  // namespace fovea
