// What is decided once for all requests; one request's way is RequestRun (request_run.h).
#include "pipeline/pipeline.h"

#include <utility>

#include "pipeline/request_run.h"

namespace fovea {

Pipeline::Pipeline(VisionLanguageEngine& engine, const PipelineOptions& options)
    : engine_(engine),
      options_(options),
      stores_(LevelStores::make({.embedding_bytes_max = options.embedding_bytes_max,
                                 .prefix_bytes_max = options.prefix_bytes_max,
                                 .response_bytes_max = options.response_bytes_max,
                                 .shared_bytes_max = options.shared_bytes_max,
                                 .policy = options.policy,
                                 .tiers = options.tiers,
                                 .events = &events_})),
      aliases_(options.decode_limits, options.tiers),
      embeddings_({.engine = engine,
                   .aliases = aliases_,
                   .embeddings = *stores_.embeddings,
                   .tilings = *stores_.tilings,
                   .coherence = *stores_.coherence,
                   .on = options.shared_bytes_max.value_or(options.embedding_bytes_max) > 0}),
      prefixes_(engine, *stores_.prefixes, options.shared_bytes_max.value_or(options.prefix_bytes_max)),
      responses_(*stores_.responses, options.shared_bytes_max.value_or(options.response_bytes_max) > 0,
                 stores_.coherence.get(), Clock::wall()),
      computing_(options.requests_max),
      stored_pictures_(
          {.embeddings = *stores_.embeddings, .tilings = *stores_.tilings, .prefixes = *stores_.prefixes}) {
  if (options.frames) {
    frames_ = std::make_unique<FrameComparison>(
        FrameComparison::Parts{.engine = engine,
                               .aliases = aliases_,
                               .embeddings = *stores_.embeddings,
                               .tilings = *stores_.tilings,
                               .embeddings_on = options.shared_bytes_max.value_or(options.embedding_bytes_max) > 0},
        *options.frames);
  }
  if (options.prefetch && options.tiers != nullptr && !options.tiers->empty())
    prefetcher_ = std::make_unique<Prefetcher>(stored_pictures_, [this] { return computing() == 0; });
  if (options.tiers == nullptr) return;
  for (const auto& tier : *options.tiers) tier->listeners().add(*this);
}

Pipeline::~Pipeline() {
  if (options_.tiers == nullptr) return;
  for (const auto& tier : *options_.tiers) tier->listeners().remove(*this);
}

std::optional<PrefetchCounts> Pipeline::prefetch_counts() const {
  return prefetcher_ ? std::optional(prefetcher_->counts()) : std::nullopt;
}

std::optional<FrameMemoryUse> Pipeline::frame_memory() const {
  return frames_ ? std::optional(frames_->memory_use()) : std::nullopt;
}

// The stores are told themselves.
void Pipeline::purged_elsewhere(std::span<const PurgeLabel> labels) {
  engine_.purge_idle();
  for (const PurgeLabel& label : labels) purge_kept(label);
}

// What no store holds.
void Pipeline::purge_kept(const PurgeLabel& label) {
  earlier_.purge(label);
  if (frames_) frames_->purge(label);
}

Result<Answer> Pipeline::answer(const Request& request, const Listener& listener, std::stop_token stop) {
  return RequestRun(*this, request, listener, std::move(stop)).answer();
}

Result<RequestReport> Pipeline::warm(const Request& request, const Listener& listener, std::stop_token stop) {
  return RequestRun(*this, request, listener, std::move(stop)).warm();
}

Result<Prompt> Pipeline::render(const Request& request) const {
  if (request.prompt) return *request.prompt;
  std::vector<Message> moved;
  if (options_.image_order != ImageOrder::as_sent) {
    for (const Message& message : request.messages) moved.push_back(in_order(message, options_.image_order));
  }
  return engine_.render(moved.empty() ? request.messages : moved, {.tools = &request.options.tools,
                                                                   .continue_final = request.continue_final,
                                                                   .template_args = request.template_args});
}

Result<LaidOut> Pipeline::lay_out(const Request& request, std::stop_token stop, Overlong overlong) {
  return RequestRun(*this, request, {}, std::move(stop)).laid_out(overlong);
}

std::size_t Pipeline::purge(const Key& image_key, std::string_view tenant) {
  const Key label = tenant_label(tenant);
  engine_.purge_idle();
  purge_kept({.tenant = label, .image = image_key});
  return embeddings_.purge(label, image_key) + prefixes_.purge(label, image_key) + responses_.purge(label, image_key);
}

std::size_t Pipeline::purge(std::string_view tenant) {
  const Key label = tenant_label(tenant);
  engine_.purge_idle();
  purge_kept({.tenant = label, .image = {}});
  return embeddings_.purge(label) + prefixes_.purge(label) + responses_.purge(label);
}

}  // namespace fovea
