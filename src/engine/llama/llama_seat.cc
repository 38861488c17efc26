// A sitting is touched by this thread only while it wants nothing of the decoder; the task that hands it over, and the
// promise that gives it back, order the two threads.
#include "engine/llama/llama_seat.h"

#include <algorithm>
#include <format>
#include <utility>

#include "base/check.h"

namespace fovea::llama {

Result<std::unique_ptr<Seat>> LlamaSeat::take(EngineThread& thread, Decoder& decoder, const LoadedModel& loaded,
                                              std::unique_ptr<Sitting> sitting) {
  check(sitting->chain.empty() || sitting->chain.size() == sitting->layout.items().size(),
        "a chain has a link for each item");
  std::unique_ptr<LlamaSeat> seat(new LlamaSeat(thread, decoder, loaded, std::move(sitting)));
  if (auto seated = seat->wish(&Decoder::enter); !seated) return std::unexpected(seated.error());
  return seat;
}

// Nobody waits for the sequence to be given back; but whoever asks for one later finds it.
LlamaSeat::~LlamaSeat() {
  if (sitting_->sequence == nullptr) return;
  const std::uint32_t tokens = sitting_->layout.tokens(sitting_->held) + sitting_->written;
  thread_.post([&decoder = decoder_, sitting = std::move(sitting_), tokens] { decoder.leave(*sitting, tokens); });
}

Result<void> LlamaSeat::wish(void (Decoder::*what)(Sitting&)) {
  auto ended = sitting_->ending.emplace().get_future();
  const std::stop_callback on_stop(sitting_->caller.stop, [this] { thread_.wake(); });
  thread_.post([this, what] { (decoder_.*what)(*sitting_); });
  return ended.get();
}

bool LlamaSeat::restore(std::size_t items, const Blob& state, double cost_ms) {
  check(items < sitting_->layout.items().size() && !sitting_->chain.empty(), "a prefix is shorter than its prompt");
  bool restored = false;
  thread_.run([&] { restored = decoder_.restore(*sitting_, items, state, cost_ms); });
  return restored;
}

Result<void> LlamaSeat::read(std::span<const std::vector<Blob>> embeddings, Gaze* gaze) {
  if (auto fits = check_shapes(embeddings); !fits) return fits;
  sitting_->embeddings = embeddings;
  sitting_->gaze = gaze;
  return wish(&Decoder::read);
}

// Every tile that is read must have its embedding, of exactly its size: a stored value of another shape is never fed.
Result<void> LlamaSeat::check_shapes(std::span<const std::vector<Blob>> embeddings) const {
  const LlamaLayout& layout = sitting_->layout;
  const std::size_t width = static_cast<std::size_t>(llama_model_n_embd_inp(loaded_.model.get()));
  for (std::size_t i = sitting_->held; i < layout.items().size(); ++i) {
    const auto& tile = layout.items()[i].tile;
    if (!tile) continue;
    if (tile->image >= embeddings.size() || tile->number >= embeddings[tile->image].size())
      return fail(Fault::corrupt, std::format("tile {} of picture {} has no embedding", tile->number, tile->image));
    const std::size_t expected = mtmd_input_chunk_get_n_tokens(&layout.tile(i)) * width * sizeof(float);
    const std::size_t given = embeddings[tile->image][tile->number].size();
    if (given != expected)
      return fail(Fault::corrupt, std::format("tile {} takes an embedding of {} bytes, but {} were given", tile->number,
                                              expected, given));
  }
  return {};
}

Result<Generation> LlamaSeat::generate(const GenerateOptions& options, const TokenCallback& on_token) {
  check(sitting_->whole_prompt_held() && !sitting_->writer, "an answer follows a prompt that was read");
  // The context may fill before max_tokens: the answer then ends for its length, as OpenAI's API has it.
  const auto room = static_cast<std::int32_t>(sitting_->cells - sitting_->layout.tokens());
  const std::int32_t tokens_max = std::min(options.max_tokens, room);
  auto sampler = Sampler::make(*loaded_.vocab(), options, tokens_max);
  if (!sampler) return std::unexpected(sampler.error());
  sitting_->writer.emplace(*loaded_.vocab(), std::move(*sampler), options.stop, tokens_max, on_token,
                           sitting_->gaze != nullptr);
  if (auto written = wish(&Decoder::write); !written) return std::unexpected(written.error());
  return std::move(sitting_->generation);
}

std::optional<Blob> LlamaSeat::snapshot(std::size_t items, std::uint64_t bytes_max) {
  check(items > 0 && items <= sitting_->held, "a snapshot is of what is held");
  std::optional<Blob> state;
  thread_.run([&] { state = decoder_.snapshot(*sitting_, items, bytes_max); });
  return state;
}

}  // namespace fovea::llama
