// Invariant: a slot task's `held`, `position` and its sequence's live items say what the context holds of it, between
// steps and in them; they move on only when a batch was computed. So a batch that failed or was given up is undone by
// cutting the sequences of those in it back to their positions, and nobody else is touched.
#include "engine/llama/decode/decoder.h"

#include <mtmd-helper.h>

#include <algorithm>
#include <exception>
#include <format>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "engine/llama/backend.h"
#include "engine/llama/decode/attention_runs.h"
#include "engine/llama/decode/decoder_state.h"
#include "engine/prefix_hash.h"

namespace fovea::llama {

namespace {

// Prompt tokens in a step where others may sit. Fewer cost speed: on two cores, a small model reads 512 tokens in 0.75
// s at once, in 0.82 s by 256, in 1.1 s by 64. More make others wait: those who write an answer in a step of 64 (0.14
// s), those who come into one of 256 (0.41 s).
constexpr std::uint32_t piece_tokens_max = 256;
constexpr std::uint32_t piece_tokens_beside_decodes = 64;

// Lets the tap add to a sum for a scope; does nothing without a tap or a sum.
class Tapping {
 public:
  Tapping(AttentionTap* tap, AttentionSum* sum) : tap_(sum == nullptr ? nullptr : tap) {
    if (tap_ != nullptr) tap_->watch(sum);
  }
  ~Tapping() {
    if (tap_ != nullptr) tap_->watch(nullptr);
  }
  Tapping(const Tapping&) = delete;
  Tapping& operator=(const Tapping&) = delete;

 private:
  AttentionTap* tap_;
};

// Whether the text at `text` stands behind a picture and is the request's own: between two tiles of one picture stands
// the model's markup.
bool asks_of_a_picture(std::span<const PromptItem> items, std::size_t text) {
  const auto is_tile = [](const PromptItem& item) { return item.tile.has_value(); };
  const auto before = std::ranges::find_last_if(items.first(text), is_tile);
  if (before.empty()) return false;
  const auto behind = items.subspan(text);
  const auto after = std::ranges::find_if(behind, is_tile);
  const TileRef& last = *before.front().tile;
  return after == behind.end() || *after->tile != TileRef{last.image, last.number + 1};
}

std::unexpected<Error> cancelled() { return fail(Fault::cancelled, "stopped before the answer was complete"); }

}  // namespace

Decoder::Decoder(LoadedModel& loaded)
    : loaded_(loaded), sequences_(*loaded.context, loaded.parallel, loaded.prefix_obstacle.empty()) {}

void Decoder::queue(SlotTask& task) {
  waiting_.push_back(&task);
  slot_waiting();
}

void Decoder::prefill(SlotTask& task) {
  if (task.summary != nullptr)
    *task.summary = AttentionSummary{.sum = AttentionSum(llama_n_ctx(&context())), .runs = runs_of(task.layout)};
  prefilling_.push_back(&task);
}

void Decoder::decode(SlotTask& task) {
  decoding_.push_back(&task);
  decode_token(task, task.logits);
}

void Decoder::leave(SlotTask& task, std::uint32_t tokens) {
  const double sat_ms = Clock::steady().now_ms() - task.acquired_ms;
  auto among = flows(waiting_);
  among.push_back({task.caller.tenant, task.caller.request});
  share_.charge(among.back(), among, sat_ms);
  sequences_.give_back(*task.sequence, tokens);
}

// Who is alone for certain reads whole batches, as in a cold run.
std::uint32_t Decoder::piece_tokens() const {
  const std::uint32_t room = llama_n_batch(&context()) - static_cast<std::uint32_t>(decoding_.size());
  if (loaded_.parallel == 1) return room;
  return std::min(decoding_.empty() ? piece_tokens_max : piece_tokens_beside_decodes, room);
}

bool Decoder::step() {
  for (SlotTasks* tasks : {&waiting_, &prefilling_, &decoding_}) end_stopped(*tasks);
  slot_waiting();
  const bool text = text_step();
  const bool tile = tile_step();
  // Whoever stood in front stands behind now.
  if (prefilling_.size() > 1) std::ranges::rotate(prefilling_, prefilling_.begin() + 1);
  return text || tile;
}

std::vector<Flow> Decoder::flows(const SlotTasks& tasks) {
  std::vector<Flow> flows;
  for (const SlotTask* task : tasks) flows.push_back({task->caller.tenant, task->caller.request});
  return flows;
}

void Decoder::end_stopped(SlotTasks& tasks) {
  for (SlotTask* task : SlotTasks(tasks)) {
    if (task->stopped()) end(*task, cancelled());
  }
}

void Decoder::end(SlotTask& task, Result<void> how) {
  for (SlotTasks* tasks : {&waiting_, &prefilling_, &decoding_}) std::erase(*tasks, &task);
  // The last touch: its thread may go on, and let it go, as soon as the promise is kept.
  auto ending = *std::exchange(task.ending, std::nullopt);
  ending.set_value(std::move(how));
}

// Gives sequences to those whose turn it is. Nobody overtakes who must wait on, or a large request would never find
// room.
void Decoder::slot_waiting() {
  while (!waiting_.empty()) {
    SlotTask& task = *waiting_[share_.next(flows(waiting_))];
    const auto taken = sequences_.take(task.layout, task.prefix_hashes, task.cells);
    if (!taken) return;
    task.sequence = taken->sequence;
    task.diverged = taken->diverged;
    task.cached_items = taken->cached_items;
    task.position = task.layout.position(taken->cached_items);
    task.acquired_ms = Clock::steady().now_ms();
    end(task, {});
  }
}

bool Decoder::restore(SlotTask& task, std::size_t items, const Blob& state, double cost_ms) {
  const llama_pos end = task.layout.position(items);
  lose(task);
  try {
    const AbortGuard guard;
    if (!restore_state(context(), task.sequence->id, end, state)) return false;
  } catch (const std::exception&) {
    return false;
  }
  task.position = end;
  hold(task, items, cost_ms);
  return true;
}

std::optional<Blob> Decoder::snapshot(SlotTask& task, std::size_t items, std::uint64_t bytes_max) {
  const LiveSequence& live = task.sequence->live;
  if (!loaded_.prefix_obstacle.empty() || items > live.items.size()) return std::nullopt;
  llama_memory_t memory = llama_get_memory(&context());
  const auto copy = static_cast<llama_seq_id>(loaded_.parallel);
  try {
    const AbortGuard guard;
    llama_memory_seq_cp(memory, task.sequence->id, copy, 0, live.position(items));
    auto state = save_state(context(), copy, live.position(items), bytes_max);
    llama_memory_seq_rm(memory, copy, -1, -1);
    return state;
  } catch (const std::exception&) {
    lose(task);
    return std::nullopt;
  }
}

template <typename Compute>
bool Decoder::guarded(const SlotTasks& tasks, const Compute& compute) {
  // For one alone it is given up as soon as that one is stopped; others must not pay for it.
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
  *loaded_.give_up = outer;
  if (worked) return true;
  for (SlotTask* task : tasks) {
    if (!sequences_.truncate(*task->sequence, task->position)) task->cached_items = 0, task->position = 0;
    Result<void> failure = engine_failure(task->writer ? "generating the answer" : "reading the prompt", why);
    end(*task, task->stopped() ? cancelled() : std::move(failure));
  }
  return false;
}

bool Decoder::text_step() {
  gather_text();
  if (in_batch_.empty()) return false;
  const Stopwatch computing;
  const Tapping tapping(loaded_.tap.get(), watching_sum());
  if (!guarded(in_batch_, [&] { return llama_decode(&context(), batch_.view()) == 0; })) return true;
  const double ms_per_token = computing.elapsed_ms() / batch_.size();
  const auto vocabulary = static_cast<std::size_t>(llama_vocab_n_tokens(loaded_.vocab()));
  for (SlotTask* task : in_batch_) {
    const bool reads = !task->whole_prompt_cached();
    const double took_ms = ms_per_token * task->batch_count;
    task->spent_ms += took_ms;
    if (reads) hold(*task, task->batch_end, took_ms);
    task->position += static_cast<llama_pos>(task->batch_count);
    if (task->batch_row < 0) continue;
    const std::span<const float> logits(llama_get_logits_ith(&context(), task->batch_row), vocabulary);
    if (reads) {
      task->logits.assign(logits.begin(), logits.end());
      end(*task, {});
    } else {
      token_was_read(*task);
      decode_token(*task, logits);
    }
  }
  return true;
}

// The sum of who looks, where anybody does: it is then the only one that sits here.
AttentionSum* Decoder::watching_sum() const {
  const SlotTask& task = *in_batch_.front();
  if (task.summary == nullptr) return nullptr;
  if (!task.whole_prompt_cached() && !asks_of_a_picture(task.layout.items(), task.cached_items)) return nullptr;
  return &task.summary->sum;
}

void Decoder::gather_text() {
  batch_.clear();
  in_batch_.clear();
  for (SlotTask* task : decoding_) {
    if (task->stopped()) continue;
    task->batch_count = 1;
    task->batch_row = batch_.add(task->writer->token(), task->position, task->sequence->id, true);
    in_batch_.push_back(task);
  }
  std::uint32_t room = piece_tokens();
  auto readers = static_cast<std::uint32_t>(prefilling_.size());
  // What one does not need of its part is the others'.
  for (SlotTask* task : prefilling_) room -= gather_prompt(*task, room / readers--);
}

// Adds the text that comes next in the prompt; only the prompt's last token needs logits.
std::uint32_t Decoder::gather_prompt(SlotTask& task, std::uint32_t tokens_max) {
  const auto items = task.layout.items();
  task.batch_count = 0;
  task.batch_row = -1;
  task.batch_end = task.cached_items;
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

// A token of the answer went into the context.
void Decoder::token_was_read(SlotTask& task) {
  ++task.written;
  if (task.prefix_hashes.empty()) return;
  auto& items = task.sequence->live.items;
  items.push_back({hash_token(items.back().link, task.writer->token()), task.position, items.back().cost_ms});
}

// Chooses the answer's next token, and ends the slot task's submit with the last one.
void Decoder::decode_token(SlotTask& task, std::span<const float> logits) {
  if (task.stopped()) return;  // the next step ends it
  // A sampler may fail an assertion on numbers that a damaged model makes; that is this request's failure alone.
  try {
    const AbortGuard guard;
    if (task.writer->choose(logits)) return;
    task.generation = task.writer->finish();
  } catch (const std::exception& error) {
    return end(task, engine_failure("choosing a token", error.what()));
  }
  if (task.summary != nullptr) {
    task.summary->tokens = task.writer->tokens();
    task.summary->log_probability = task.writer->log_probability();
    append_run(task.summary->runs, {.count = task.written});
  }
  end(task, {});
}

// Reads a tile of the first who has one before it. Where the model lets it be read in pieces, others write and read
// text between them; a picture without a causal mask is read in one.
bool Decoder::tile_step() {
  const auto next_is_tile = [](const SlotTask* task) { return task->next_item().tile.has_value(); };
  const auto found = std::ranges::find_if(prefilling_, next_is_tile);
  if (found == prefilling_.end()) return false;
  SlotTask& task = **found;
  const Stopwatch reading;
  others_ms_ = 0;
  if (!guarded({&task}, [&] { return read_tile(task); })) return true;
  const double took_ms = reading.elapsed_ms() - others_ms_;
  task.spent_ms += took_ms;
  hold(task, task.cached_items + 1, took_ms);
  task.position = task.layout.position(task.cached_items);
  return true;
}

bool Decoder::read_tile(const SlotTask& task) {
  const TileRef& tile = *task.next_item().tile;
  const mtmd_input_chunk& chunk = task.layout.tile(task.cached_items);
  const bool whole = loaded_.parallel == 1 || mtmd_decode_use_non_causal(loaded_.vision.get(), &chunk);
  const auto others = [](const mtmd_helper_embd_batch*, void* decoder) {
    auto& self = *static_cast<Decoder*>(decoder);
    const Stopwatch theirs;
    self.text_step();
    self.others_ms_ += theirs.elapsed_ms();
    return 0;
  };
  // The helper takes a mutable pointer and only reads through it.
  auto* embedding = const_cast<float*>(task.embeddings[tile.image][tile.number].as<float>().data());
  const auto tokens_max = static_cast<std::int32_t>(whole ? llama_n_batch(&context()) : piece_tokens());
  llama_pos behind = 0;
  return mtmd_helper_decode_image_chunk(
             loaded_.vision.get(), &context(), &chunk, embedding, task.position, task.sequence->id, tokens_max, &behind,
             whole ? nullptr : static_cast<mtmd_helper_post_decode_callback>(others), this) == 0;
}

void Decoder::hold(SlotTask& task, std::size_t end, double took_ms) {
  if (!task.prefix_hashes.empty()) {
    LiveSequence& live = task.sequence->live;
    const PromptLayout& layout = task.layout;
    const double before_ms = live.cost_ms(task.cached_items);
    const std::uint32_t first = layout.tokens(task.cached_items);
    const double ms_per_token = took_ms / (layout.tokens(end) - first);
    for (std::size_t i = task.cached_items; i < end; ++i)
      live.items.push_back({task.prefix_hashes[i], task.layout.position(i + 1),
                            before_ms + ms_per_token * (layout.tokens(i + 1) - first)});
  }
  task.cached_items = end;
}

// What the sequence holds is not known any more.
void Decoder::lose(SlotTask& task) {
  sequences_.truncate(*task.sequence, 0);
  task.cached_items = 0;
  task.position = 0;
}

}  // namespace fovea::llama
