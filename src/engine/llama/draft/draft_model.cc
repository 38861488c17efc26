// Invariant: `held_[s].tokens` is what sequence `s` holds, from position 0 on. It grows before a batch is
// computed, and nothing is used any more once a batch failed.
//
// Proposals of several answers are computed side by side: the first batch reads what is new of each text, and
// each later one has the last proposed token of every answer that is not done. So n tokens take n batches.
// The last proposed token is not read: it is read as text, where it is the answer's.
//
// The cells are as many as the decoder's. What was not used for the longest time is dropped where others need
// the room. Dropping the text of an answer in progress costs reading it again, and nothing else.
#include "engine/llama/draft/draft_model.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <utility>

#include "base/clock.h"
#include "engine/llama/backend.h"
#include "engine/llama/draft/same_vocabulary.h"
#include "engine/llama/gguf/validate.h"
#include "engine/token_odds.h"

namespace fovea::llama {

namespace {

std::unexpected<Error> load_failure(const DraftModelOptions& options, std::string_view why) {
  const std::string complaint = why.empty() ? take_complaint() : std::string(why);
  return fail(Fault::invalid, std::format("{}: llama.cpp cannot load this draft model{}{}", options.file.string(),
                                          complaint.empty() ? "" : ": ", complaint));
}

// A wrong proposal is dropped again. Sliding windows are no obstacle, since they can be kept whole.
Result<void> check_kind(const llama_model& model, const DraftModelOptions& options) {
  if (!llama_model_has_decoder(&model) || llama_model_has_encoder(&model))
    return fail(Fault::unsupported, std::format("{}: not a decoder-only language model", options.file.string()));
  if (llama_model_is_recurrent(&model) || llama_model_is_hybrid(&model))
    return fail(Fault::unsupported,
                std::format("{}: keeps its state at the end only, so a wrong draft cannot be taken back: give a draft "
                            "model without recurrent layers",
                            options.file.string()));
  return {};
}

}  // namespace

Result<std::unique_ptr<DraftModel>> DraftModel::load(const DraftModelOptions& options, const llama_vocab& vocab) {
  if (auto valid = validate_decoder(options.file); !valid) return std::unexpected(valid.error());
  start_backend();
  take_complaint();
  std::unique_ptr<DraftModel> draft(new DraftModel(options, vocab));
  try {
    const AbortGuard guard;
    if (auto opened = draft->open(options); !opened) return std::unexpected(opened.error());
    if (!draft->measure()) return load_failure(options, "");
  } catch (const std::exception& error) {
    return load_failure(options, error.what());
  }
  return draft;
}

Result<void> DraftModel::open(const DraftModelOptions& options) {
  llama_model_params model_params = llama_model_default_params();
  if (options.gpu_layers >= 0) model_params.n_gpu_layers = options.gpu_layers;
  model_.reset(llama_model_load_from_file(options.file.c_str(), model_params));
  if (!model_) return load_failure(options, "");
  if (auto checked = check_kind(*model_, options); !checked) return checked;
  const NamedVocabulary answering{vocab_, options.model_file};
  const NamedVocabulary drafting{*llama_model_get_vocab(model_.get()), options.file};
  if (auto checked = check_same_vocabulary(answering, drafting); !checked) return checked;

  llama_context_params params = llama_context_default_params();
  params.n_ctx = options.ctx_size;
  params.n_batch = params.n_ubatch = BatchCosts::rows_max;
  params.n_threads = params.n_threads_batch = options.threads;
  params.n_seq_max = options.sequences;
  params.kv_unified = true;
  params.swa_full = true;
  params.no_perf = true;
  context_.reset(llama_init_from_model(model_.get(), params));
  if (!context_)
    return load_failure(options, std::format("no context of {} tokens; {}", options.ctx_size, take_complaint()));
  held_.resize(options.sequences);
  cells_ = options.ctx_size;
  tokens_max_ = std::min(cells_, static_cast<std::size_t>(std::max(1, llama_model_n_ctx_train(model_.get()))));
  return {};
}

// The first batch also maps the weights, so it is not counted.
bool DraftModel::measure() {
  const auto run = [this](std::size_t rows) {
    constexpr llama_token any = 0;
    batch_.clear();
    for (std::size_t row = 0; row < rows; ++row) add(0, any, row + 1 == rows);
    const bool computed = compute();
    truncate(0, 0);
    return computed;
  };
  if (!run(1)) return false;
  costs_ = {};
  return run(std::min(BatchCosts::rows_max, tokens_max_)) && run(1) && run(1);
}

void DraftModel::begin(llama_seq_id sequence, const std::optional<Key>& conversation) {
  Held& held = held_[static_cast<std::size_t>(sequence)];
  if (!conversation || held.conversation != conversation) truncate(sequence, 0);
  held.conversation = conversation;
}

void DraftModel::end(llama_seq_id sequence) {
  if (!held_[static_cast<std::size_t>(sequence)].conversation) truncate(sequence, 0);
}

void DraftModel::purge() {
  for (std::size_t sequence = 0; sequence < held_.size(); ++sequence) truncate(static_cast<llama_seq_id>(sequence), 0);
}

std::size_t DraftModel::unread(llama_seq_id sequence, std::span<const llama_token> text) const {
  const auto& tokens = held_[static_cast<std::size_t>(sequence)].tokens;
  const auto [in_text, in_held] = std::ranges::mismatch(text, tokens);
  return std::max<std::size_t>(1, static_cast<std::size_t>(text.end() - in_text));
}

double DraftModel::read_ms(std::size_t tokens) const {
  constexpr std::size_t most = BatchCosts::rows_max;
  return costs_.cost(most) * static_cast<double>(tokens) / most;
}

void DraftModel::propose(std::span<DraftAsk> asks) {
  if (!works()) return;
  try {
    const AbortGuard guard;
    batch_.clear();
    std::vector<Open> open;
    for (DraftAsk& ask : asks) {
      const auto row = add_unread(ask, asks);
      if (!row) continue;
      ask.answered = true;
      open.push_back({&ask, *row});
    }
    while (batch_.size() > 0) {
      if (!compute()) return retire(take_complaint());
      open = continued(open);
    }
  } catch (const std::exception& error) {
    retire(error.what());
  }
}

// Adds what is new of the text, as far as the batch has room. The row of its last token; nullopt if that is
// not in the batch.
std::optional<std::int32_t> DraftModel::add_unread(const DraftAsk& ask, std::span<const DraftAsk> asks) {
  const std::size_t room = BatchCosts::rows_max - static_cast<std::size_t>(batch_.size());
  truncate(ask.sequence, ask.text.size() - unread(ask.sequence, ask.text));
  const auto next = ask.text.subspan(held_[static_cast<std::size_t>(ask.sequence)].tokens.size());
  const auto known = [tokens = llama_vocab_n_tokens(llama_model_get_vocab(model_.get()))](llama_token token) {
    return token >= 0 && token < tokens;
  };
  if (!fits(ask.text.size() + ask.tokens_max) || !std::ranges::all_of(next, known)) return std::nullopt;
  if (!make_room(next.size() + ask.tokens_max, asks)) return std::nullopt;
  const auto read = next.first(std::min(next.size(), room));
  held_[static_cast<std::size_t>(ask.sequence)].used_at = ++uses_;
  const bool all = read.size() == next.size();
  std::int32_t row = -1;
  for (std::size_t i = 0; i < read.size(); ++i) row = add(ask.sequence, read[i], all && i + 1 == read.size());
  return all ? std::optional(row) : std::nullopt;
}

// Drops what was not used for long, until there are as many free cells, beside those for the tokens of other
// asks.
bool DraftModel::make_room(std::size_t tokens, std::span<const DraftAsk> asks) {
  for (;;) {
    std::size_t used = 0;
    for (const Held& held : held_) used += held.tokens.size();
    for (const DraftAsk& ask : asks) used += ask.answered ? ask.tokens_max : 0;
    if (used + tokens <= cells_) return true;
    std::optional<llama_seq_id> victim;
    for (llama_seq_id sequence = 0; std::cmp_less(sequence, held_.size()); ++sequence) {
      const Held& held = held_[static_cast<std::size_t>(sequence)];
      if (held.tokens.empty() || std::ranges::contains(asks, sequence, &DraftAsk::sequence)) continue;
      if (!victim || held.used_at < held_[static_cast<std::size_t>(*victim)].used_at) victim = sequence;
    }
    if (!victim) return false;
    truncate(*victim, 0);
  }
}

// Where a sequence cannot go back, it holds nothing from then on. After a failure the context is left alone.
void DraftModel::truncate(llama_seq_id sequence, std::size_t tokens) {
  auto& held = held_[static_cast<std::size_t>(sequence)].tokens;
  if (!works_) held.clear();
  if (tokens >= held.size()) return;
  llama_memory_t memory = llama_get_memory(context_.get());
  if (!llama_memory_seq_rm(memory, sequence, static_cast<llama_pos>(tokens), -1)) {
    tokens = 0;
    llama_memory_seq_rm(memory, sequence, -1, -1);
  }
  held.resize(tokens);
}

std::int32_t DraftModel::add(llama_seq_id sequence, llama_token token, bool logits) {
  auto& held = held_[static_cast<std::size_t>(sequence)].tokens;
  held.push_back(token);
  return batch_.add(token, static_cast<llama_pos>(held.size() - 1), sequence, logits);
}

// Takes the tokens behind the batch that was computed, and fills the next one. The answers that are not done.
std::vector<DraftModel::Open> DraftModel::continued(const std::vector<Open>& open) {
  batch_.clear();
  std::vector<Open> next;
  for (const auto& [ask, row] : open) {
    const auto token = next_token(row);
    if (!token) continue;
    ask->proposed.push_back(*token);
    if (ask->proposed.size() < ask->tokens_max) next.push_back({ask, add(ask->sequence, *token, true)});
  }
  return next;
}

// Nullopt where the model is not sure, or where the answer ends in its opinion.
std::optional<llama_token> DraftModel::next_token(std::int32_t row) const {
  const llama_vocab* own = llama_model_get_vocab(model_.get());
  const std::span<const float> logits(llama_get_logits_ith(context_.get(), row),
                                      static_cast<std::size_t>(llama_vocab_n_tokens(own)));
  const auto token = static_cast<llama_token>(std::ranges::max_element(logits) - logits.begin());
  if (token >= llama_vocab_n_tokens(&vocab_) || llama_vocab_is_eog(&vocab_, token)) return std::nullopt;
  if (log_probability_of(logits, token) < std::log(probability_min_)) return std::nullopt;
  return token;
}

bool DraftModel::compute() {
  const Stopwatch computing;
  if (llama_decode(context_.get(), batch_.view()) != 0) return false;
  llama_synchronize(context_.get());  // a GPU may still be computing
  costs_.record(static_cast<std::size_t>(batch_.size()), computing.elapsed_ms());
  return true;
}

// The context stays: what a failed computation left of it is not known.
void DraftModel::retire(std::string_view why) {
  works_ = false;
  if (on_failure_) on_failure_(std::format("the draft model failed, and proposes nothing from now on: {}", why));
}

}  // namespace fovea::llama
