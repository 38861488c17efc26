#include "pipeline/pipeline.h"

#include "pipeline/request_run.h"

namespace fovea {

namespace {
// A tiling takes 32 bytes a tile; this holds those of some hundred thousand pictures.
constexpr std::uint64_t tiling_bytes_max = 32 << 20;

Level make_level(const std::shared_ptr<Budget>& shared, std::uint64_t bytes_max, PolicyKind policy) {
  if (shared) return Level(shared);
  return Level(LevelOptions{.bytes_max = bytes_max, .policy = policy});
}

}  // namespace

Pipeline::Pipeline(VisionLanguageEngine& engine, const PipelineOptions& options)
    : engine_(engine),
      options_(options),
      shared_budget_(options.shared_bytes_max
                         ? Budget::make({.bytes_max = *options.shared_bytes_max, .policy = options.policy})
                         : nullptr),
      pictures_(options.decode_limits),
      embeddings_(make_level(shared_budget_, options.embedding_bytes_max, options.policy)),
      tilings_(LevelOptions{.bytes_max = keeps_embeddings() ? tiling_bytes_max : 0, .policy = PolicyKind::lru}),
      prefixes_(make_level(shared_budget_, options.prefix_bytes_max, options.policy)),
      responses_(make_level(shared_budget_, options.response_bytes_max, options.policy)),
      coherence_(embeddings_, responses_),
      computing_(options.requests_max) {}

Result<Answer> Pipeline::answer(const Request& request, const Listener& listener, std::stop_token stop) {
  return RequestRun(*this, request, listener, std::move(stop)).run();
}

Result<void> Pipeline::warm(const Request& request, const Listener& listener, std::stop_token stop) {
  return RequestRun(*this, request, listener, std::move(stop)).run_pictures();
}

}  // namespace fovea
