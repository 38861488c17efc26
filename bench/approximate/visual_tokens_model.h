// VisualTokensModel: the bundled model, asked with some of its pictures' tokens left out. It is what
// visual_tokens_answers measures with; no product code leaves tokens out.
//
// Prompts are rendered, laid out, encoded and prefilled by the engine's own parts, so that the exact answer
// is the product's. A prompt is prefilled once, up to its last picture. Each kept set then gets a copy of
// that state, from which the other tokens' cells are removed, and the rest of the prompt is computed behind
// it. The second way prefills the kept tokens alone, at positions without gaps, since libllama refuses a
// batch with gaps where positions are plain. Greedy answers. One thread; not thread-safe; owns the model.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/llama/decode/llama_layout.h"
#include "engine/llama/loaded_model.h"
#include "engine/llama/template/chat_template.h"
#include "fovea/blob.h"
#include "fovea/result.h"

namespace fovea::bench {

// For each visual token of a prompt, in the prompt's order, whether it is kept.
using KeptTokens = std::vector<bool>;

// What the encoder makes of a picture.
struct EncodedPicture {
  ImageSize size{};
  Blob embedding;  // float32 [tokens x width]
  // The attention that each token receives in the encoder's last layer, of all its tokens, mean over heads.
  // Zeros where no node shows it; empty if not asked for.
  std::vector<float> encoder_sum;
};

struct GreedyAnswer {
  std::string text;
  std::vector<float> first;  // the logits of its first token
  std::int32_t last = 0;     // its last token
};

class VisualTokensModel {
 public:
  // Loads the pair.
  static Result<std::unique_ptr<VisualTokensModel>> open(const std::filesystem::path& model,
                                                         const std::filesystem::path& mmproj);
  ~VisualTokensModel();

  std::uint32_t layers() const;

  // The picture in the file, encoded; the last few are remembered. `reads_encoder`: with what the encoder
  // attends to, which takes another encode.
  Result<const EncodedPicture*> picture(const std::filesystem::path& file, bool reads_encoder);

  // Asks questions about a picture, each alone, and returns the attention that its tokens received from the
  // question's text and the answer, summed, mean over heads: [questions][layers][tokens].
  Result<std::vector<float>> look(const std::filesystem::path& file, std::span<const std::string> questions);

  // A prompt whose pictures were prefilled. It ends with the next start().
  Result<void> start(std::span<const Message> messages, const std::vector<std::filesystem::path>& pictures);
  std::size_t visual_tokens() const;
  // The exact answer, computed alone.
  // REQUIRES: start(), here and below.
  Result<GreedyAnswer> answer_exact();
  // For each of `sets` the answer behind the state from which all tokens that it does not keep were removed.
  // Several are computed side by side, as the product's requests are with --parallel: rounding may differ
  // from one alone. REQUIRES: the last token of the last picture is kept, since libllama computes nothing
  // behind a gap.
  Result<std::vector<GreedyAnswer>> answers_pruned(std::span<const KeptTokens> sets);
  // The answer, alone, to the prompt in which only the kept tokens are prefilled, at positions without gaps.
  Result<GreedyAnswer> answer_compact(const KeptTokens& kept);

 private:
  struct State;
  explicit VisualTokensModel(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// The Kullback-Leibler divergence of `other` from `exact`, both given as logits; natural logarithm.
double divergence(std::span<const float> exact, std::span<const float> other);

}  // namespace fovea::bench
