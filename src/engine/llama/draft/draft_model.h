// DraftModel: a second, small model of the same vocabulary, which proposes how answers go on.
//
// It has a context of its own, with a sequence for each of the decoder's. A sequence holds the text of one
// conversation, without its pictures: of what is asked next, only what is new is read. Proposals are greedy,
// and end where the model is not sure. Whatever fails here is a missing proposal. Used on the engine's thread
// only; owns its model, borrows the vocabulary of the model that answers.
#pragma once

#include <llama.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/owned.h"
#include "engine/llama/decode/text_batch.h"
#include "engine/llama/draft/batch_costs.h"
#include "fovea/key.h"
#include "fovea/result.h"

namespace fovea::llama {

struct DraftModelOptions {
  // A token that the model thinks less likely is not proposed, nor are any behind it: a wrong one costs a row
  // of the large model's batch.
  static constexpr double probability_min_default = 0.6;

  std::filesystem::path file;  // GGUF
  std::int32_t threads = 1;
  std::int32_t gpu_layers = -1;  // as in LlamaOptions
  std::uint32_t ctx_size = 0;    // tokens of all sequences together
  std::uint32_t sequences = 1;   // at most BatchCosts::rows_max
  double probability_min = probability_min_default;
  std::filesystem::path model_file;                  // of the model that answers, which errors name
  std::function<void(std::string_view)> on_failure;  // told once, when there are no more proposals; may be empty
};

// What an answer asks for.
struct DraftAsk {
  llama_seq_id sequence;
  std::span<const llama_token> text;  // of the conversation so far; not empty
  std::size_t tokens_max;             // at least 1
  bool answered = false;              // false: there was no room, or not all of the text was read yet
  std::vector<llama_token> proposed;
};

class DraftModel {
 public:
  // Loads the model, and measures what its batches cost.
  // Faults: those of GgufFile::open and check_decoder; invalid for another vocabulary; unsupported for a
  // model that keeps its state at the end only.
  static Result<std::unique_ptr<DraftModel>> load(const DraftModelOptions& options, const llama_vocab& vocab);

  // An answer of `conversation` begins in the sequence. What the sequence holds of another conversation is
  // dropped. Without a name, nothing is kept after end().
  void begin(llama_seq_id sequence, const std::optional<Key>& conversation);
  void end(llama_seq_id sequence);
  void purge();

  // False once something failed.
  bool works() const { return works_; }
  // Whether `tokens` are no more than a sequence may hold.
  bool fits(std::size_t tokens) const { return tokens <= tokens_max_; }
  // How many tokens of the text the sequence does not hold; at least 1, the last.
  std::size_t unread(llama_seq_id sequence, std::span<const llama_token> text) const;
  // What reading so many tokens takes.
  double read_ms(std::size_t tokens) const;
  // What batches of the model take.
  const BatchCosts& costs() const { return costs_; }

  // Reads the rest of each text, at most BatchCosts::rows_max tokens together, and proposes tokens behind
  // those that were read to their end. REQUIRES: at most one ask a sequence.
  void propose(std::span<DraftAsk> asks);

 private:
  struct Held {
    std::vector<llama_token> tokens;
    std::optional<Key> conversation;
    std::uint64_t used_at = 0;  // by the count of uses_
  };
  struct Open {
    DraftAsk* ask;
    std::int32_t row;  // of the batch, whose logits are behind its text
  };

  DraftModel(const DraftModelOptions& options, const llama_vocab& vocab)
      : vocab_(vocab), probability_min_(options.probability_min), on_failure_(options.on_failure) {}

  Result<void> open(const DraftModelOptions& options);
  bool measure();
  std::optional<std::int32_t> add_unread(const DraftAsk& ask, std::span<const DraftAsk> asks);
  bool make_room(std::size_t tokens, std::span<const DraftAsk> asks);
  void truncate(llama_seq_id sequence, std::size_t tokens);
  std::int32_t add(llama_seq_id sequence, llama_token token, bool logits);
  std::vector<Open> continued(const std::vector<Open>& open);
  std::optional<llama_token> next_token(std::int32_t row) const;
  bool compute();
  void retire(std::string_view why);

  const llama_vocab& vocab_;  // of the model that answers
  const double probability_min_;
  const std::function<void(std::string_view)> on_failure_;
  Owned<llama_model, llama_model_free> model_;
  Owned<llama_context, llama_free> context_;
  bool works_ = true;
  std::vector<Held> held_;      // by sequence
  std::size_t cells_ = 0;       // of the context
  std::size_t tokens_max_ = 0;  // of a sequence
  std::uint64_t uses_ = 0;
  BatchCosts costs_;
  TextBatch batch_;
};

}  // namespace fovea::llama
