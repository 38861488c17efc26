// This thread touches the slot task only while no operation is in progress. The posted work that hands the
// task over, and the promise that gives it back, order the two threads.
#include "engine/llama/decode/llama_slot.h"

#include <algorithm>
#include <format>
#include <utility>

#include "base/check.h"
#include "engine/llama/vocabulary/call_token_ids.h"

namespace fovea::llama {

Result<std::unique_ptr<Slot>> LlamaSlot::acquire(EngineThread& thread, Decoder& decoder, const LoadedModel& loaded,
                                                 std::unique_ptr<SlotTask> task) {
  check(task->prefix_hashes.empty() || task->prefix_hashes.size() == task->layout.items().size(),
        "there is a prefix hash for each item");
  std::unique_ptr<LlamaSlot> slot(new LlamaSlot(thread, decoder, loaded, std::move(task)));
  if (auto queued = slot->submit(&Decoder::queue); !queued) return std::unexpected(queued.error());
  return slot;
}

// Does not wait until the sequence is released. A request that asks for one later finds it released.
LlamaSlot::~LlamaSlot() {
  if (task_->sequence == nullptr) return;
  const std::uint32_t tokens = task_->layout.tokens(task_->prefilled_items) + task_->decoded_tokens;
  thread_.post([&decoder = decoder_, task = std::move(task_), tokens] { decoder.release(*task, tokens); });
}

Result<void> LlamaSlot::submit(void (Decoder::*operation)(SlotTask&)) {
  auto outcome = task_->outcome.emplace().get_future();
  const std::stop_callback on_stop(task_->caller.stop, [this] { thread_.wake(); });
  thread_.post([this, operation] { (decoder_.*operation)(*task_); });
  return outcome.get();
}

bool LlamaSlot::restore(std::size_t items, const Blob& state, double cost_ms) {
  check(items < task_->layout.items().size() && !task_->prefix_hashes.empty(), "a prefix is shorter than its prompt");
  return decoder_.restore(*task_, items, state, cost_ms, parts());
}

void LlamaSlot::keep_state(std::size_t items, std::uint64_t bytes_max) {
  const auto all = task_->layout.items();
  check(items > task_->prefilled_items && (items == all.size() || (items < all.size() && all[items - 1].tile)),
        "a state is kept where a batch of the prefill ends");
  if (!loaded_.goes_back) task_->kept_states.push_back({.items = items, .bytes_max = bytes_max, .state = {}});
}

Result<void> LlamaSlot::prefill(std::span<const std::vector<Blob>> embeddings, AttentionSummary* summary) {
  if (auto fits = check_shapes(embeddings); !fits) return fits;
  task_->embeddings = embeddings;
  task_->summary = summary;
  return submit(&Decoder::prefill);
}

// Every tile that is prefilled must have its embedding, of exactly its size: a stored value of another shape
// is never fed to the model.
Result<void> LlamaSlot::check_shapes(std::span<const std::vector<Blob>> embeddings) const {
  const LlamaLayout& layout = task_->layout;
  const std::size_t width = static_cast<std::size_t>(llama_model_n_embd_inp(loaded_.model.get()));
  for (std::size_t i = task_->prefilled_items; i < layout.items().size(); ++i) {
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

// Drafts from the prompt's text and from draft_texts_. Where an image or the end of a turn stands, nothing is
// drafted across. A draft model reads the prompt's text without the images.
AnswerDrafts LlamaSlot::drafts() const {
  const llama_vocab* vocab = loaded_.vocab();
  const auto draftable = [&](llama_token token) {
    return token >= 0 && token < llama_vocab_n_tokens(vocab) && !llama_vocab_is_eog(vocab, token);
  };
  constexpr llama_token separator = -1;
  std::vector<llama_token> prompt;
  for (const PromptItem& item : task_->layout.items())
    prompt.push_back(!item.tile && draftable(item.token) ? item.token : separator);
  std::vector<DraftText> texts = draft_texts_;
  for (DraftText& text : texts)
    std::ranges::replace_if(text.tokens, [&](llama_token token) { return !draftable(token); }, separator);
  std::vector<llama_token> text;
  for (const PromptItem& item : task_->layout.items()) {
    if (loaded_.draft_model && !item.tile) text.push_back(item.token);
  }
  return AnswerDrafts(prompt, texts, std::move(text));
}

Result<Generation> LlamaSlot::generate(const GenerateOptions& options, const TokenCallback& on_token) {
  check(task_->whole_prompt_prefilled() && !task_->answer, "an answer follows a prompt that was prefilled");
  // The cells may be used up before max_tokens. The answer then ends for its length, as in OpenAI's API.
  const auto room = static_cast<std::int32_t>(task_->cells - task_->layout.tokens());
  const std::int32_t tokens_max = std::min(options.max_tokens, room);
  auto sampler = Sampler::make(*loaded_.vocab(), options, tokens_max, loaded_.tool_format);
  if (!sampler) return std::unexpected(sampler.error());
  auto shown =
      options.tools.wanted() ? call_token_ids(*loaded_.vocab(), loaded_.tool_format) : std::vector<llama_token>();
  task_->answer.emplace(*loaded_.vocab(), std::move(*sampler), options.stop, tokens_max, on_token,
                        task_->summary != nullptr, std::move(shown));
  if (loaded_.drafts != DraftMode::off) task_->drafts.emplace(drafts());
  if (auto decoded = submit(&Decoder::decode); !decoded) return std::unexpected(decoded.error());
  return std::move(task_->generation);
}

std::optional<Blob> LlamaSlot::snapshot(std::size_t items, std::uint64_t bytes_max) {
  check(items > 0 && items <= task_->prefilled_items, "a snapshot is of items that were prefilled");
  return decoder_.snapshot(*task_, items, bytes_max, parts());
}

}  // namespace fovea::llama
