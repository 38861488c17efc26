#include "pipeline/pipeline.h"

#include "pipeline/answering.h"

namespace fovea {

namespace {
// A tiling takes 32 bytes a tile; this holds those of some hundred thousand pictures.
constexpr std::uint64_t tiling_bytes_max = 32 << 20;
}  // namespace

Pipeline::Pipeline(VisionLanguageEngine& engine, const PipelineOptions& options)
    : engine_(engine),
      options_(options),
      pictures_(options.decode_limits),
      embeddings_(options.embedding_bytes_max),
      tilings_(options.embedding_bytes_max == 0 ? 0 : tiling_bytes_max),
      responses_(options.response_bytes_max) {}

Result<Answer> Pipeline::answer(const Request& request, const Listener& listener, std::stop_token stop) {
  return Answering(*this, request, listener, std::move(stop)).run();
}

}  // namespace fovea
