// Invariant: a sitting's `held`, `position` and its sequence's live items say what the context holds of it, between
// steps and in them; they move on only when a batch was computed. So a batch that failed or was given up is undone by
// cutting the sequences of those in it back to their positions, and nobody else is touched.
#include "engine/llama/decoder.h"

#include <mtmd-helper.h>

#include <algorithm>
#include <exception>
#include <format>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "engine/llama/backend.h"
#include "engine/llama/decoder_state.h"
#include "engine/llama/gaze_runs.h"
#include "engine/prefix_chain.h"

namespace fovea::llama {

namespace {

// Prompt tokens in a step where others may sit. Fewer cost speed: on two cores, a small model reads 512 tokens in 0.75
// s at once, in 0.82 s by 256, in 1.1 s by 64. More make others wait: those who write an answer in a step of 64 (0.14
// s), those who come into one of 256 (0.41 s).
constexpr std::uint32_t piece_tokens_max = 256;
constexpr std::uint32_t piece_tokens_beside_writers = 64;

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

void Decoder::enter(Sitting& sitting) {
  waiting_.push_back(&sitting);
  seat_waiting();
}

void Decoder::read(Sitting& sitting) {
  if (sitting.gaze != nullptr)
    *sitting.gaze = Gaze{.sum = AttentionSum(llama_n_ctx(&context())), .runs = runs_of(sitting.layout)};
  reading_.push_back(&sitting);
}

void Decoder::write(Sitting& sitting) {
  writing_.push_back(&sitting);
  write_token(sitting, sitting.logits);
}

void Decoder::leave(Sitting& sitting, std::uint32_t tokens) {
  const double sat_ms = Clock::steady().now_ms() - sitting.seated_ms;
  auto among = flows(waiting_);
  among.push_back({sitting.caller.tenant, sitting.caller.request});
  share_.charge(among.back(), among, sat_ms);
  sequences_.give_back(*sitting.sequence, tokens);
}

// Who is alone for certain reads whole batches, as in a cold run.
std::uint32_t Decoder::piece_tokens() const {
  const std::uint32_t room = llama_n_batch(&context()) - static_cast<std::uint32_t>(writing_.size());
  if (loaded_.parallel == 1) return room;
  return std::min(writing_.empty() ? piece_tokens_max : piece_tokens_beside_writers, room);
}

bool Decoder::step() {
  for (Sittings* sittings : {&waiting_, &reading_, &writing_}) end_stopped(*sittings);
  seat_waiting();
  const bool text = text_step();
  const bool tile = tile_step();
  // Whoever stood in front stands behind now.
  if (reading_.size() > 1) std::ranges::rotate(reading_, reading_.begin() + 1);
  return text || tile;
}

std::vector<Flow> Decoder::flows(const Sittings& sittings) {
  std::vector<Flow> flows;
  for (const Sitting* sitting : sittings) flows.push_back({sitting->caller.tenant, sitting->caller.request});
  return flows;
}

void Decoder::end_stopped(Sittings& sittings) {
  for (Sitting* sitting : Sittings(sittings)) {
    if (sitting->stopped()) end(*sitting, cancelled());
  }
}

void Decoder::end(Sitting& sitting, Result<void> how) {
  for (Sittings* sittings : {&waiting_, &reading_, &writing_}) std::erase(*sittings, &sitting);
  // The last touch: its thread may go on, and let it go, as soon as the promise is kept.
  auto ending = *std::exchange(sitting.ending, std::nullopt);
  ending.set_value(std::move(how));
}

// Gives sequences to those whose turn it is. Nobody overtakes who must wait on, or a large request would never find
// room.
void Decoder::seat_waiting() {
  while (!waiting_.empty()) {
    Sitting& sitting = *waiting_[share_.next(flows(waiting_))];
    const auto taken = sequences_.take(sitting.layout, sitting.chain, sitting.cells);
    if (!taken) return;
    sitting.sequence = taken->sequence;
    sitting.parted = taken->parted;
    sitting.held = taken->held;
    sitting.position = sitting.layout.position(taken->held);
    sitting.seated_ms = Clock::steady().now_ms();
    end(sitting, {});
  }
}

bool Decoder::restore(Sitting& sitting, std::size_t items, const Blob& state, double cost_ms) {
  const llama_pos end = sitting.layout.position(items);
  lose(sitting);
  try {
    const AbortGuard guard;
    if (!restore_state(context(), sitting.sequence->id, end, state)) return false;
  } catch (const std::exception&) {
    return false;
  }
  sitting.position = end;
  hold(sitting, items, cost_ms);
  return true;
}

std::optional<Blob> Decoder::snapshot(Sitting& sitting, std::size_t items, std::uint64_t bytes_max) {
  const LiveSequence& live = sitting.sequence->live;
  if (!loaded_.prefix_obstacle.empty() || items > live.items.size()) return std::nullopt;
  llama_memory_t memory = llama_get_memory(&context());
  const auto copy = static_cast<llama_seq_id>(loaded_.parallel);
  try {
    const AbortGuard guard;
    llama_memory_seq_cp(memory, sitting.sequence->id, copy, 0, live.position(items));
    auto state = save_state(context(), copy, live.position(items), bytes_max);
    llama_memory_seq_rm(memory, copy, -1, -1);
    return state;
  } catch (const std::exception&) {
    lose(sitting);
    return std::nullopt;
  }
}

template <typename Compute>
bool Decoder::guarded(const Sittings& sittings, const Compute& compute) {
  // For one alone it is given up as soon as that one is stopped; others must not pay for it.
  const std::stop_token outer =
      std::exchange(*loaded_.give_up, sittings.size() == 1 ? sittings.front()->caller.stop : std::stop_token());
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
  for (Sitting* sitting : sittings) {
    if (!sequences_.cut(*sitting->sequence, sitting->position)) sitting->held = 0, sitting->position = 0;
    Result<void> failure = engine_failure(sitting->writer ? "generating the answer" : "reading the prompt", why);
    end(*sitting, sitting->stopped() ? cancelled() : std::move(failure));
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
  for (Sitting* sitting : in_batch_) {
    const bool reads = !sitting->whole_prompt_held();
    const double took_ms = ms_per_token * sitting->batch_count;
    sitting->spent_ms += took_ms;
    if (reads) hold(*sitting, sitting->batch_end, took_ms);
    sitting->position += static_cast<llama_pos>(sitting->batch_count);
    if (sitting->batch_row < 0) continue;
    const std::span<const float> logits(llama_get_logits_ith(&context(), sitting->batch_row), vocabulary);
    if (reads) {
      sitting->logits.assign(logits.begin(), logits.end());
      end(*sitting, {});
    } else {
      token_was_read(*sitting);
      write_token(*sitting, logits);
    }
  }
  return true;
}

// The sum of who looks, where anybody does: it is then the only one that sits here.
AttentionSum* Decoder::watching_sum() const {
  const Sitting& sitting = *in_batch_.front();
  if (sitting.gaze == nullptr) return nullptr;
  if (!sitting.whole_prompt_held() && !asks_of_a_picture(sitting.layout.items(), sitting.held)) return nullptr;
  return &sitting.gaze->sum;
}

void Decoder::gather_text() {
  batch_.clear();
  in_batch_.clear();
  for (Sitting* sitting : writing_) {
    if (sitting->stopped()) continue;
    sitting->batch_count = 1;
    sitting->batch_row = batch_.add(sitting->writer->token(), sitting->position, sitting->sequence->id, true);
    in_batch_.push_back(sitting);
  }
  std::uint32_t room = piece_tokens();
  auto readers = static_cast<std::uint32_t>(reading_.size());
  // What one does not need of its part is the others'.
  for (Sitting* sitting : reading_) room -= gather_prompt(*sitting, room / readers--);
}

// Adds the text that comes next in the prompt; only the prompt's last token needs logits.
std::uint32_t Decoder::gather_prompt(Sitting& sitting, std::uint32_t tokens_max) {
  const auto items = sitting.layout.items();
  sitting.batch_count = 0;
  sitting.batch_row = -1;
  sitting.batch_end = sitting.held;
  while (sitting.batch_end < items.size() && !items[sitting.batch_end].tile && sitting.batch_count < tokens_max) {
    const bool last = sitting.batch_end + 1 == items.size();
    const auto position = sitting.position + static_cast<llama_pos>(sitting.batch_count);
    const std::int32_t row = batch_.add(items[sitting.batch_end].token, position, sitting.sequence->id, last);
    if (last) sitting.batch_row = row;
    ++sitting.batch_count;
    ++sitting.batch_end;
  }
  if (sitting.batch_count > 0) in_batch_.push_back(&sitting);
  return sitting.batch_count;
}

// A token of the answer went into the context.
void Decoder::token_was_read(Sitting& sitting) {
  ++sitting.written;
  if (sitting.chain.empty()) return;
  auto& items = sitting.sequence->live.items;
  items.push_back({chain_token(items.back().link, sitting.writer->token()), sitting.position, items.back().cost_ms});
}

// Chooses the answer's next token, and ends the sitting's wish with the last one.
void Decoder::write_token(Sitting& sitting, std::span<const float> logits) {
  if (sitting.stopped()) return;  // the next step ends it
  // A sampler may fail an assertion on numbers that a damaged model makes; that is this request's failure alone.
  try {
    const AbortGuard guard;
    if (sitting.writer->choose(logits)) return;
    sitting.generation = sitting.writer->finish();
  } catch (const std::exception& error) {
    return end(sitting, engine_failure("choosing a token", error.what()));
  }
  if (sitting.gaze != nullptr) {
    sitting.gaze->tokens = sitting.writer->tokens();
    sitting.gaze->log_probability = sitting.writer->log_probability();
    append_run(sitting.gaze->runs, {.count = sitting.written});
  }
  end(sitting, {});
}

// Reads a tile of the first who has one before it. Where the model lets it be read in pieces, others write and read
// text between them; a picture without a causal mask is read in one.
bool Decoder::tile_step() {
  const auto next_is_tile = [](const Sitting* sitting) { return sitting->next_item().tile.has_value(); };
  const auto found = std::ranges::find_if(reading_, next_is_tile);
  if (found == reading_.end()) return false;
  Sitting& sitting = **found;
  const Stopwatch reading;
  others_ms_ = 0;
  if (!guarded({&sitting}, [&] { return read_tile(sitting); })) return true;
  const double took_ms = reading.elapsed_ms() - others_ms_;
  sitting.spent_ms += took_ms;
  hold(sitting, sitting.held + 1, took_ms);
  sitting.position = sitting.layout.position(sitting.held);
  return true;
}

bool Decoder::read_tile(const Sitting& sitting) {
  const TileRef& tile = *sitting.next_item().tile;
  const mtmd_input_chunk& chunk = sitting.layout.tile(sitting.held);
  const bool whole = loaded_.parallel == 1 || mtmd_decode_use_non_causal(loaded_.vision.get(), &chunk);
  const auto others = [](const mtmd_helper_embd_batch*, void* decoder) {
    auto& self = *static_cast<Decoder*>(decoder);
    const Stopwatch theirs;
    self.text_step();
    self.others_ms_ += theirs.elapsed_ms();
    return 0;
  };
  // The helper takes a mutable pointer and only reads through it.
  auto* embedding = const_cast<float*>(sitting.embeddings[tile.image][tile.number].as<float>().data());
  const auto tokens_max = static_cast<std::int32_t>(whole ? llama_n_batch(&context()) : piece_tokens());
  llama_pos behind = 0;
  return mtmd_helper_decode_image_chunk(
             loaded_.vision.get(), &context(), &chunk, embedding, sitting.position, sitting.sequence->id, tokens_max,
             &behind, whole ? nullptr : static_cast<mtmd_helper_post_decode_callback>(others), this) == 0;
}

void Decoder::hold(Sitting& sitting, std::size_t end, double took_ms) {
  if (!sitting.chain.empty()) {
    LiveSequence& live = sitting.sequence->live;
    const PromptLayout& layout = sitting.layout;
    const double before_ms = live.cost_ms(sitting.held);
    const std::uint32_t first = layout.tokens(sitting.held);
    const double ms_per_token = took_ms / (layout.tokens(end) - first);
    for (std::size_t i = sitting.held; i < end; ++i)
      live.items.push_back({sitting.chain[i], sitting.layout.position(i + 1),
                            before_ms + ms_per_token * (layout.tokens(i + 1) - first)});
  }
  sitting.held = end;
}

// What the sequence holds is not known any more.
void Decoder::lose(Sitting& sitting) {
  sequences_.cut(*sitting.sequence, 0);
  sitting.held = 0;
  sitting.position = 0;
}

}  // namespace fovea::llama
