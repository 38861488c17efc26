// Invariant: a slot task's `prefilled_items`, `position` and its sequence's live items say what the context
// holds for it, between steps and during them. They advance only after a batch was computed. So a batch that
// failed or was given up is undone by truncating the sequences of the tasks in it to their positions, and no
// other task is touched.
//
// Cost of a chunk: fewer prompt tokens in a step cost speed, more make other slots wait (numbers below).
#include "engine/llama/decode/decoder.h"

#include <mtmd-helper.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "engine/llama/backend.h"
#include "engine/llama/decode/attention_runs.h"
#include "engine/llama/decode/states/prefix_state.h"

namespace fovea::llama {

namespace {

// Prompt tokens in a step where there are several slots. On two cores, a small model prefills 512 tokens in
// 0.26 s at once, in 0.28 s by 128, in 0.36 s by 64. An answer that is decoded waits for a step of 128 (0.07
// s), a request that arrives for one of 512.
constexpr std::uint32_t chunk_tokens_max = 512;
constexpr std::uint32_t chunk_tokens_beside_decodes = 128;

// A part that fails an assertion of the library has failed. Borrows `parts`.
OnEngine guarded_parts(const EngineParts& parts) {
  return [&parts](const std::function<bool()>& part) {
    bool worked = false;
    parts([&] {
      try {
        const AbortGuard guard;
        worked = part();
      } catch (const std::exception&) {
        worked = false;
      }
    });
    return worked;
  };
}

std::unexpected<Error> cancelled() { return fail(Fault::cancelled, "stopped before the answer was complete"); }

}  // namespace

Decoder::Decoder(LoadedModel& loaded)
    : loaded_(loaded),
      sequences_(*loaded.context, loaded.parallel, loaded.goes_back),
      queue_(sequences_),
      planner_(loaded.drafts) {
  if (loaded.draft_model) model_drafts_.emplace(*loaded.draft_model, planner_);
}

void Decoder::queue(SlotTask& task) {
  queue_.push(task);
  admit_waiting();
}

void Decoder::prefill(SlotTask& task) {
  if (task.summary != nullptr)
    *task.summary = AttentionSummary{.sum = AttentionSum(llama_n_ctx(&context())), .runs = runs_of(task.layout)};
  sequences_.computing(*task.sequence, task.layout.tokens() - task.layout.tokens(task.prefilled_items));
  prefilling_.push_back(&task);
}

void Decoder::release(SlotTask& task, std::uint32_t tokens) {
  sequences_.computing(*task.sequence, task.decoded_tokens);
  if (loaded_.draft_model) loaded_.draft_model->end(task.sequence->id);
  queue_.release(task, tokens);
}

// The first prefix hash names the tenant and the model: what the draft model holds of others is not used.
void Decoder::decode(SlotTask& task) {
  decoding_.push_back(&task);
  if (loaded_.draft_model)
    loaded_.draft_model->begin(task.sequence->id,
                               task.prefix_hashes.empty() ? std::nullopt : std::optional(task.prefix_hashes.front()));
  if (auto ended = choose_token(task, task.logits)) return end(task, std::move(*ended));
  task.follows_draft();
}

void Decoder::purge_idle() {
  sequences_.purge_idle();
  if (loaded_.draft_model) loaded_.draft_model->purge();
}

bool Decoder::step() {
  end_stopped(queue_.waiting());
  end_stopped(prefilling_);
  end_stopped(decoding_);
  admit_waiting();
  const bool text = text_step();
  const bool tile = tile_step();
  // The first task goes to the end, so that each has its turn.
  if (prefilling_.size() > 1) std::ranges::rotate(prefilling_, prefilling_.begin() + 1);
  return text || tile;
}

void Decoder::admit_waiting() {
  while (SlotTask* task = queue_.admit()) end(*task, {});
}

// Ending a task removes it from its list, so those that stopped are gathered first.
void Decoder::end_stopped(const SlotTasks& tasks) {
  SlotTasks stopped;
  std::ranges::copy_if(tasks, std::back_inserter(stopped), &SlotTask::stopped);
  for (SlotTask* task : stopped) end(*task, cancelled());
}

void Decoder::end(SlotTask& task, Result<void> how) {
  queue_.remove(task);
  for (SlotTasks* tasks : {&prefilling_, &decoding_}) std::erase(*tasks, &task);
  task.finish(std::move(how));
}

StatePlace Decoder::place_of(const SlotTask& task) const {
  return {.context = context(), .sequence = task.sequence->id, .spare = static_cast<llama_seq_id>(loaded_.parallel)};
}

bool Decoder::restore(SlotTask& task, std::size_t items, const Blob& state, double cost_ms, const EngineParts& parts) {
  const llama_pos end = task.layout.position(items);
  parts([&] { clear(task); });
  if (!restore_state(place_of(task), end, state, guarded_parts(parts))) return false;
  parts([&] {
    task.position = end;
    task.record_prefilled(items, cost_ms);
  });
  return true;
}

std::optional<Blob> Decoder::snapshot(SlotTask& task, std::size_t items, std::uint64_t bytes_max,
                                      const EngineParts& parts) {
  const auto sealed = [](const CopiedState& copy) { return copy.sealed(); };
  for (const KeptState& kept : task.kept_states) {
    if (kept.items == items) return kept.state.transform(sealed);
  }
  const LiveSequence& live = task.sequence->live;
  if (!loaded_.goes_back || !loaded_.prefix_obstacle.empty() || items > live.items.size()) return std::nullopt;
  return copy_state(place_of(task), live.position(items), piece_positions, bytes_max, guarded_parts(parts))
      .transform(sealed);
}

// Of a model that cannot go back, at the only moment when the context has the state. A saved state has no
// tokens that have left the windows, so it lies in other cells than one that was prefilled, and sums over
// cells round differently. Behind every image it is therefore put back at once, in a run without a cache too:
// what goes on from there is bit-identical.
// Faults: internal, where the state is lost.
Result<void> Decoder::keep_states(SlotTask& task) {
  if (loaded_.goes_back || !loaded_.prefix_obstacle.empty()) return {};
  const EngineParts at_once = [](const std::function<void()>& part) { part(); };
  const OnEngine guarded = guarded_parts(at_once);
  const StatePlace place = place_of(task);
  const auto kept = std::ranges::find(task.kept_states, task.prefilled_items, &KeptState::items);
  const bool moves = loaded_.slides && task.behind_image();
  if (!moves && kept == task.kept_states.end()) return {};
  try {
    auto copy = copy_state(place, task.position, undivided, moves ? UINT64_MAX : kept->bytes_max, guarded);
    if (moves && copy && !put_back(place, *copy, guarded)) {
      clear(task);
      return engine_failure("putting the state back");
    }
    if (kept != task.kept_states.end() && copy && copy->size() <= kept->bytes_max) kept->state = std::move(copy);
  } catch (const std::bad_alloc&) {
    if (!moves) return {};
    clear(task);
    return engine_failure("copying a state", "the memory is too small for it");
  }
  return {};
}

// What the sequence holds is not known any more: nothing of it is used.
void Decoder::clear(SlotTask& task) {
  sequences_.truncate(*task.sequence, 0);
  task.prefilled_items = 0;
  task.position = 0;
}

template <typename Compute>
bool Decoder::guarded(const SlotTasks& tasks, const Compute& compute) {
  // A batch of one task is given up as soon as that task is stopped. A batch of several is computed to its
  // end.
  const std::stop_token outer =
      std::exchange(*loaded_.give_up, tasks.size() == 1 ? tasks.front()->caller.stop : std::stop_token());
  std::string why;
  bool worked = false;
  try {
    const AbortGuard guard;
    worked = compute();
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (auto failure = take_kernel_failure()) worked = false, why = *std::move(failure);
  *loaded_.give_up = outer;
  if (worked) return true;
  llama_set_causal_attn(&context(), true);  // libmtmd's helper leaves it off where an assertion fails
  for (SlotTask* task : tasks) {
    // Where sequences cannot go back, a window may have lost tokens to the batch.
    if (!loaded_.goes_back) clear(*task);
    if (!sequences_.truncate(*task->sequence, task->position)) task->prefilled_items = 0, task->position = 0;
    Result<void> failure = engine_failure(task->answer ? "generating the answer" : "prefilling the prompt", why);
    end(*task, task->stopped() ? cancelled() : std::move(failure));
  }
  return false;
}

// Why a kernel failed in what was computed last.
std::optional<std::string> Decoder::take_kernel_failure() {
  if (tile_failure_) return std::exchange(tile_failure_, std::nullopt);
  return loaded_.decoder_graph ? loaded_.decoder_graph->take_failure() : std::nullopt;
}

// With one slot a prompt is prefilled in whole batches, as in a run without a cache.
std::uint32_t Decoder::chunk_tokens() const {
  const std::uint32_t room = llama_n_batch(&context()) - static_cast<std::uint32_t>(decoding_.size());
  if (loaded_.parallel == 1) return room;
  return std::min(decoding_.empty() ? chunk_tokens_max : chunk_tokens_beside_decodes, room);
}

bool Decoder::text_step() {
  fill_batch();
  if (in_batch_.empty()) return false;
  const Stopwatch computing;
  const AttentionWatch watch(loaded_.tap.get(), watched_sum());
  const auto compute = [&] {
    const bool computed = llama_decode(&context(), batch_.view()) == 0;
    if (computed) llama_synchronize(&context());  // a GPU may still be computing, and the time is measured
    return computed;
  };
  if (!guarded(in_batch_, compute)) return true;
  const double took_ms = computing.elapsed_ms();
  if (in_batch_.back()->whole_prompt_prefilled()) planner_.record(static_cast<std::size_t>(batch_.size()), took_ms);
  const double ms_per_token = took_ms / batch_.size();
  for (SlotTask* task : in_batch_) take_text_results(*task, ms_per_token * task->batch_count);
  return true;
}

void Decoder::fill_batch() {
  batch_.clear();
  in_batch_.clear();
  add_answers();
  std::uint32_t room = std::min(chunk_tokens(), llama_n_batch(&context()) - static_cast<std::uint32_t>(batch_.size()));
  auto left = static_cast<std::uint32_t>(prefilling_.size());
  // Prompts share the chunk. What one of them does not need is shared by those behind it.
  for (SlotTask* task : prefilling_) room -= add_prompt(*task, room / left--);
}

// Adds the last token of each answer, and behind it the tokens that are drafted for it. A draft ends where
// the answer may: its cells are those that were reserved for the answer.
void Decoder::add_answers() {
  std::vector<std::vector<double>> odds;
  for (SlotTask* task : decoding_) {
    if (task->stopped()) continue;
    in_batch_.push_back(task);
    odds.push_back(task->drafts ? task->drafts->odds(drafts_max(*task)) : std::vector<double>());
  }
  const std::vector<std::size_t> planned = planner_.plan(odds);
  for (std::size_t i = 0; i < in_batch_.size(); ++i) {
    if (in_batch_[i]->drafts) in_batch_[i]->drafts->draft(planned[i]);
  }
  if (model_drafts_) ask_draft_model(odds, planned);
  for (SlotTask* each : in_batch_) {
    SlotTask& task = *each;
    task.batch_count = 1;
    task.batch_row = batch_.add(task.answer->token(), task.position, task.sequence->id, true);
    if (!task.drafts) continue;
    for (const llama_token token : task.drafts->drafted()) {
      const auto position = task.position + static_cast<llama_pos>(task.batch_count++);
      batch_.add(token, position, task.sequence->id, true);
    }
  }
}

// Drafts with the model for the answers that nothing is drafted for from a text.
void Decoder::ask_draft_model(std::span<const std::vector<double>> odds, std::span<const std::size_t> planned) {
  PlannedBatch before{.rows = in_batch_.size(), .tokens = static_cast<double>(in_batch_.size())};
  std::vector<OpenAnswer> open;
  SlotTasks tasks;
  for (std::size_t i = 0; i < in_batch_.size(); ++i) {
    SlotTask& task = *in_batch_[i];
    before.rows += planned[i];
    for (std::size_t row = 0; row < planned[i]; ++row) before.tokens += odds[i][row];
    if (planned[i] > 0 || !task.drafts) continue;
    open.push_back({.sequence = task.sequence->id, .drafts = *task.drafts, .tokens_max = drafts_max(task)});
    tasks.push_back(&task);
  }
  model_drafts_->ask(open, before);
  for (std::size_t i = 0; i < open.size(); ++i) tasks[i]->spent_ms += open[i].spent_ms;
}

// Of a draft that goes no further than the answer may.
std::size_t Decoder::drafts_max(const SlotTask& task) const {
  return std::min(loaded_.draft_max, static_cast<std::size_t>(task.answer->tokens_left() - 1));
}

// Adds the prompt's next text, up to its next tile; only the prompt's last token needs logits.
std::uint32_t Decoder::add_prompt(SlotTask& task, std::uint32_t tokens_max) {
  const auto items = task.layout.items();
  task.batch_count = 0;
  task.batch_row = -1;
  task.batch_end = task.prefilled_items;
  while (task.batch_end < items.size() && !items[task.batch_end].tile && task.batch_count < tokens_max) {
    const bool last = task.batch_end + 1 == items.size();
    const auto position = task.position + static_cast<llama_pos>(task.batch_count);
    const std::int32_t row = batch_.add(items[task.batch_end].token, position, task.sequence->id, last);
    if (last) task.batch_row = row;
    ++task.batch_count;
    ++task.batch_end;
  }
  if (task.batch_count > 0) in_batch_.push_back(&task);
  return task.batch_count;
}

// Advances the task by its part of the batch that was computed, which took `took_ms`.
void Decoder::take_text_results(SlotTask& task, double took_ms) {
  task.spent_ms += took_ms;
  if (task.whole_prompt_prefilled()) return take_answer_rows(task);
  task.record_prefilled(task.batch_end, took_ms);
  task.position += static_cast<llama_pos>(task.batch_count);
  if (auto kept = keep_states(task); !kept) return end(task, std::move(kept));
  if (task.batch_row < 0) return;
  const std::span<const float> logits = logits_of(task.batch_row);
  task.logits.assign(logits.begin(), logits.end());
  end(task, {});
}

std::span<const float> Decoder::logits_of(std::int32_t row) const {
  return {llama_get_logits_ith(&context(), row), static_cast<std::size_t>(llama_vocab_n_tokens(loaded_.vocab()))};
}

// Each row chooses a token, as long as the tokens in the rows before it are the answer's. So sampler, grammar
// and stop strings see the same tokens as without drafts. Rows behind a wrong one are dropped before the task
// ends, since it may be gone then.
void Decoder::take_answer_rows(SlotTask& task) {
  std::optional<Result<void>> ended;
  std::uint32_t taken = 0;
  do {
    ++task.position;
    task.record_decoded();
    ended = choose_token(task, logits_of(task.batch_row + static_cast<std::int32_t>(taken++)));
  } while (!ended && !task.stopped() && task.follows_draft() && taken < task.batch_count);
  if (taken < task.batch_count && !sequences_.truncate(*task.sequence, task.position))
    ended = engine_failure("dropping drafted tokens");
  if (ended) end(task, std::move(*ended));
}

// The sum that the batch's attention goes to; null if none is wanted. A task with a summary is alone in the
// batch, since attention needs a context of one slot.
AttentionSum* Decoder::watched_sum() const {
  const SlotTask& task = *in_batch_.front();
  if (task.summary == nullptr) return nullptr;
  if (!task.whole_prompt_prefilled() && !is_question_text(task.layout.items(), task.prefilled_items)) return nullptr;
  return &task.summary->sum;
}

// Chooses the answer's next token. The result is how the operation ends, where it ends.
std::optional<Result<void>> Decoder::choose_token(SlotTask& task, std::span<const float> logits) {
  if (task.stopped()) return std::nullopt;  // the next step ends it
  // A sampler may fail an assertion on the numbers of a damaged model; only this request fails then.
  try {
    const AbortGuard guard;
    if (task.answer->choose(logits)) return std::nullopt;
    task.generation = task.answer->finish();
  } catch (const std::exception& error) {
    return engine_failure("choosing a token", error.what());
  }
  if (task.drafts) {
    task.generation.drafts = task.drafts->counts();
    task.generation.predicted = task.drafts->predicted();
  }
  if (task.summary != nullptr) {
    task.summary->tokens = task.answer->tokens();
    task.summary->log_probability = task.answer->log_probability();
    append_run(task.summary->runs, {.count = task.decoded_tokens});
  }
  return Result<void>();
}

// Prefills a tile of the first task whose next item is one. Where the model allows a tile to be split, text
// steps for the other slots run between its chunks. An image without a causal mask is prefilled in one piece.
bool Decoder::tile_step() {
  const auto next_is_tile = [](const SlotTask* task) { return task->next_item().tile.has_value(); };
  const auto found = std::ranges::find_if(prefilling_, next_is_tile);
  if (found == prefilling_.end()) return false;
  SlotTask& task = **found;
  const Stopwatch computing;
  others_ms_ = 0;
  if (!guarded({&task}, [&] { return prefill_tile(task); })) return true;
  const double took_ms = computing.elapsed_ms() - others_ms_;
  task.spent_ms += took_ms;
  task.record_prefilled(task.prefilled_items + 1, took_ms);
  task.position = task.layout.position(task.prefilled_items);
  if (auto kept = keep_states(task); !kept) end(task, std::move(kept));
  return true;
}

bool Decoder::prefill_tile(const SlotTask& task) {
  const TileRef& tile = *task.next_item().tile;
  const mtmd_input_chunk& chunk = task.layout.tile(task.prefilled_items);
  const bool whole = loaded_.parallel == 1 || mtmd_decode_use_non_causal(loaded_.vision.get(), &chunk);
  const auto text_for_others = [](const mtmd_helper_embd_batch*, void* decoder) {
    auto& self = *static_cast<Decoder*>(decoder);
    // Failed kernels are the tile's, and not those of the step that comes now.
    self.tile_failure_ = self.take_kernel_failure();
    if (self.tile_failure_) return 1;
    const Stopwatch computing;
    self.text_step();
    self.others_ms_ += computing.elapsed_ms();
    return 0;
  };
  // The helper takes a mutable pointer and only reads through it.
  auto* embedding = const_cast<float*>(task.embeddings[tile.image][tile.number].as<float>().data());
  const auto tokens_max = static_cast<std::int32_t>(whole ? llama_n_batch(&context()) : chunk_tokens());
  llama_pos behind = 0;
  return mtmd_helper_decode_image_chunk(
             loaded_.vision.get(), &context(), &chunk, embedding, task.position, task.sequence->id, tokens_max, &behind,
             whole ? nullptr : static_cast<mtmd_helper_post_decode_callback>(text_for_others), this) == 0;
}

}  // namespace fovea::llama
