// Approach: the context has one sequence for requests (0) and one for a moment's copy (1), over one set of cells. What
// sequence 0 holds is known item by item, by the links of the prefix chain. A new prompt that agrees with its beginning
// keeps that much and reads the rest; so a conversation goes on, and another question about the same picture reads only
// the question, without copying anything. A snapshot is a copy of the cells' ownership (cheap) and then of their bytes,
// taken when the answer is already out.
//
// Invariant: live_.items are exactly what sequence 0 holds, or empty, when it is cleared before anything is read. Every
// failure ends in one of the two.
#include "engine/llama/llama_seat.h"

#include <mtmd-helper.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <format>
#include <functional>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "engine/answer_text.h"
#include "engine/llama/backend.h"
#include "engine/llama/decoder_state.h"
#include "engine/llama/gaze_runs.h"
#include "engine/llama/sampler.h"
#include "engine/llama/token_text.h"
#include "engine/prefix_chain.h"

namespace fovea::llama {

namespace {

constexpr llama_seq_id requests_sequence = 0;
constexpr llama_seq_id copy_sequence = 1;

// Sets the decoder's abort flag while a stop is requested. The flag is lowered when the watch ends.
class AbortOnStop {
 public:
  AbortOnStop(std::atomic<bool>& flag, std::stop_token stop)
      : flag_(flag), callback_(std::move(stop), [&flag] { flag = true; }) {}
  ~AbortOnStop() { flag_ = false; }
  AbortOnStop(const AbortOnStop&) = delete;
  AbortOnStop& operator=(const AbortOnStop&) = delete;

 private:
  std::atomic<bool>& flag_;
  std::stop_callback<std::function<void()>> callback_;
};

std::unexpected<Error> cancelled() { return fail(Fault::cancelled, "stopped before the answer was complete"); }

// Lets the tap add to a gaze's sum for a scope; does nothing without a tap or a gaze.
class Tapping {
 public:
  Tapping(AttentionTap* tap, Gaze* gaze) : tap_(gaze == nullptr ? nullptr : tap) {
    if (tap_ != nullptr) tap_->watch(&gaze->sum);
  }
  ~Tapping() {
    if (tap_ != nullptr) tap_->watch(nullptr);
  }
  Tapping(const Tapping&) = delete;
  Tapping& operator=(const Tapping&) = delete;

 private:
  AttentionTap* tap_;
};

// The natural logarithm of the probability of `token` among `logits`.
double log_probability(std::span<const float> logits, llama_token token) {
  const float highest = *std::ranges::max_element(logits);
  constexpr float negligible = -16;  // e^-16 each: 128,000 of them change the sum by less than 2 %
  double sum = 0;
  for (const float logit : logits) {
    if (logit - highest > negligible) sum += std::exp(logit - highest);
  }
  return static_cast<double>(logits[static_cast<std::size_t>(token)] - highest) - std::log(sum);
}

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

}  // namespace

LlamaSeat::LlamaSeat(LoadedModel& loaded, LiveSequence& live, const LlamaLayout& layout, std::span<const Key> chain)
    : loaded_(loaded), live_(live), layout_(layout), chain_(chain.begin(), chain.end()) {
  check(chain_.empty() || chain_.size() == layout_.items().size(), "a chain has a link for each item");
  llama_memory_t memory = llama_get_memory(loaded_.context.get());
  held_ = live_.usable_for(layout_, chain_, loaded_.prefix_obstacle.empty());
  if (held_ > 0 && !llama_memory_seq_rm(memory, requests_sequence, live_.position(held_), -1)) held_ = 0;
  if (held_ == 0) llama_memory_clear(memory, false);
  parted_ = held_ > 0 && held_ < live_.items.size();
  live_.items.resize(held_);
}

bool LlamaSeat::restore(std::size_t items, const Blob& state, double cost_ms) {
  check(items < layout_.items().size() && !chain_.empty(), "a prefix is shorter than its prompt");
  lose();
  try {
    const AbortGuard guard;
    if (!restore_state(context(), requests_sequence, layout_.position(items), state)) return false;
  } catch (const std::exception&) {
    return false;
  }
  hold(items, cost_ms);
  return true;
}

Result<void> LlamaSeat::read(std::span<const std::vector<Blob>> embeddings, Gaze* gaze, std::stop_token stop) {
  if (auto fits = check_shapes(embeddings); !fits) return fits;
  const AbortOnStop watch(*loaded_.abort_decode, stop);
  begin(gaze);
  try {
    const AbortGuard guard;
    auto done = read_items(embeddings, stop);
    if (!done) lose();
    return done;
  } catch (const std::exception& error) {
    lose();
    return engine_failure("reading the prompt", error.what());
  }
}

// Every tile that is read must have its embedding, of exactly its size: a stored value of another shape is never fed.
Result<void> LlamaSeat::check_shapes(std::span<const std::vector<Blob>> embeddings) const {
  const std::size_t width = static_cast<std::size_t>(llama_model_n_embd_inp(loaded_.model.get()));
  for (std::size_t i = held_; i < layout_.items().size(); ++i) {
    const auto& tile = layout_.items()[i].tile;
    if (!tile) continue;
    if (tile->image >= embeddings.size() || tile->number >= embeddings[tile->image].size())
      return fail(Fault::corrupt, std::format("tile {} of picture {} has no embedding", tile->number, tile->image));
    const std::size_t expected = mtmd_input_chunk_get_n_tokens(&layout_.tile(i)) * width * sizeof(float);
    const std::size_t given = embeddings[tile->image][tile->number].size();
    if (given != expected)
      return fail(Fault::corrupt, std::format("tile {} takes an embedding of {} bytes, but {} were given", tile->number,
                                              expected, given));
  }
  return {};
}

void LlamaSeat::begin(Gaze* gaze) {
  position_ = layout_.position(held_);
  gaze_ = gaze;
  if (gaze_ != nullptr) *gaze_ = Gaze{.sum = AttentionSum(llama_n_ctx(&context())), .runs = runs_of(layout_)};
}

Result<void> LlamaSeat::read_items(std::span<const std::vector<Blob>> embeddings, const std::stop_token& stop) {
  const auto items = layout_.items();
  const std::size_t batch_max = llama_n_batch(&context());
  while (held_ < items.size()) {
    const Stopwatch reading;
    std::size_t end = held_ + 1;
    bool done = false;
    if (items[held_].tile) {
      done = read_tile(embeddings);
    } else {
      while (end < items.size() && !items[end].tile && end - held_ < batch_max) ++end;
      const Tapping tapping(loaded_.tap.get(), asks_of_a_picture(items, held_) ? gaze_ : nullptr);
      done = read_text(end);
    }
    if (stop.stop_requested()) return cancelled();
    if (!done) return engine_failure("reading the prompt");
    hold(end, reading.elapsed_ms());
  }
  return {};
}

// Reads the text up to `end` in one batch; only the prompt's last token needs logits.
bool LlamaSeat::read_text(std::size_t end) {
  llama_batch batch = llama_batch_init(static_cast<std::int32_t>(end - held_), 0, 1);
  for (std::size_t item = held_; item < end; ++item) {
    const auto i = batch.n_tokens++;
    batch.token[i] = layout_.items()[item].token;
    batch.pos[i] = position_++;
    batch.n_seq_id[i] = 1;
    batch.seq_id[i][0] = requests_sequence;
    batch.logits[i] = item + 1 == layout_.items().size() ? 1 : 0;
  }
  const std::int32_t status = llama_decode(&context(), batch);
  llama_batch_free(batch);
  return status == 0;
}

bool LlamaSeat::read_tile(std::span<const std::vector<Blob>> embeddings) {
  const TileRef& tile = *layout_.items()[held_].tile;
  // The helper takes a mutable pointer and only reads through it.
  auto* embedding = const_cast<float*>(embeddings[tile.image][tile.number].as<float>().data());
  return mtmd_helper_decode_image_chunk(loaded_.vision.get(), &context(), &layout_.tile(held_), embedding, position_,
                                        requests_sequence, static_cast<std::int32_t>(llama_n_batch(&context())),
                                        &position_, nullptr, nullptr) == 0;
}

void LlamaSeat::hold(std::size_t end, double took_ms) {
  if (!chain_.empty()) {
    const double before_ms = live_.cost_ms(held_);
    const std::uint32_t first = layout_.tokens(held_);
    const double ms_per_token = took_ms / (layout_.tokens(end) - first);
    for (std::size_t i = held_; i < end; ++i)
      live_.items.push_back(
          {chain_[i], layout_.position(i + 1), before_ms + ms_per_token * (layout_.tokens(i + 1) - first)});
  }
  held_ = end;
}

Result<Generation> LlamaSeat::generate(const GenerateOptions& options, const TokenCallback& on_token,
                                       std::stop_token stop) {
  check(held_ == layout_.items().size(), "an answer follows a prompt that was read");
  const AbortOnStop watch(*loaded_.abort_decode, stop);
  const Tapping tapping(loaded_.tap.get(), gaze_);
  try {
    const AbortGuard guard;
    auto generation = generate_tokens(options, on_token, stop);
    // A step that was cut short may have left half of itself; what was read before it may as well go.
    if (!generation) lose();
    return generation;
  } catch (const std::exception& error) {
    lose();
    return engine_failure("generating the answer", error.what());
  }
}

Result<Generation> LlamaSeat::generate_tokens(const GenerateOptions& options, const TokenCallback& on_token,
                                              const std::stop_token& stop) {
  const Sampler sampler = make_sampler(options);
  const llama_vocab* vocab = loaded_.vocab();
  const auto vocab_size = static_cast<std::size_t>(llama_vocab_n_tokens(vocab));
  AnswerText answer(options.stop);
  Generation generation{.finish_reason = FinishReason::length};
  std::uint32_t read_back_count = 0;

  // The context may fill before max_tokens: the answer then ends for its length, as OpenAI's API has it.
  const auto context_room = static_cast<std::int32_t>(llama_n_ctx(&context()) - layout_.tokens());
  const std::int32_t tokens_max = std::min(options.max_tokens, context_room);
  while (generation.tokens < tokens_max) {
    llama_token token = llama_sampler_sample(sampler.get(), &context(), -1);
    if (llama_vocab_is_eog(vocab, token)) {
      generation.finish_reason = FinishReason::stop;
      break;
    }
    ++generation.tokens;
    const std::span<const float> logits(llama_get_logits_ith(&context(), -1), vocab_size);
    if (gaze_ != nullptr) gaze_->log_probability += log_probability(logits, token);
    const std::string_view text = answer.push(token_text(vocab, token, false));
    if (on_token) on_token(Token{token, logits}, text);
    if (answer.stopped()) {
      generation.finish_reason = FinishReason::stop;
      break;
    }
    if (stop.stop_requested()) return cancelled();
    if (generation.tokens == tokens_max) break;
    if (!read_back(token)) {
      if (stop.stop_requested()) return cancelled();
      return engine_failure("generating the answer");
    }
    ++read_back_count;
  }
  if (gaze_ != nullptr) {
    gaze_->tokens = generation.tokens;
    append_run(gaze_->runs, {.count = read_back_count});
  }
  const std::string_view rest = answer.finish();
  if (on_token && !rest.empty()) on_token(Token{LLAMA_TOKEN_NULL, {}}, rest);
  generation.text = answer.text();
  return generation;
}

// Feeds a generated token back, for the next one's logits.
bool LlamaSeat::read_back(llama_token token) {
  llama_batch batch = llama_batch_get_one(&token, 1);
  batch.pos = &position_;
  if (llama_decode(&context(), batch) != 0) return false;
  ++position_;
  if (!chain_.empty()) {
    const LiveItem& last = live_.items.back();
    live_.items.push_back({chain_token(last.link, token), position_, last.cost_ms});
  }
  return true;
}

std::optional<Blob> LlamaSeat::snapshot(std::size_t items) {
  check(items > 0 && items <= held_, "a snapshot is of what is held");
  if (!loaded_.prefix_obstacle.empty() || items > live_.items.size()) return std::nullopt;
  llama_memory_t memory = llama_get_memory(&context());
  try {
    const AbortGuard guard;
    llama_memory_seq_cp(memory, requests_sequence, copy_sequence, 0, live_.position(items));
    auto state = save_state(context(), copy_sequence, live_.position(items));
    llama_memory_seq_rm(memory, copy_sequence, -1, -1);
    return state;
  } catch (const std::exception&) {
    lose();
    return std::nullopt;
  }
}

}  // namespace fovea::llama
