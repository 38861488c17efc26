// LoadedModel: a decoder and its vision encoder, checked, fingerprinted and loaded: the handles that
// LlamaEngine works with. Owns them. Not thread-safe: the contexts belong to the engine's thread.
#pragma once

#include <llama.h>
#include <mtmd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/owned.h"
#include "base/progress.h"
#include "engine/llama/decode/attention_tap.h"
#include "engine/llama/draft/draft_model.h"
#include "engine/llama/draft/draft_source.h"
#include "engine/llama/onednn/graph_kernels.h"
#include "engine/llama/onednn/kernel_plan.h"
#include "engine/llama/vision/tile_probe.h"
#include "engine/tools/tool_format.h"
#include "fovea/key.h"
#include "fovea/result.h"

namespace fovea::llama {

struct LlamaOptions {
  // More slots gain nothing: long before, a step takes as long as its tokens one by one.
  static constexpr std::uint32_t parallel_max = 64;

  std::filesystem::path model;   // the decoder, GGUF
  std::filesystem::path mmproj;  // the vision encoder and projector, GGUF
  std::int32_t threads = 0;      // 0 = one for each processor
  std::uint32_t ctx_size = 0;    // tokens of all requests together; 0 = the model's own, at most 8192
  std::uint32_t parallel = 1;    // slots; with 1, each request is computed exactly as if alone
  std::int32_t gpu_layers = -1;  // -1 = all that fit on whatever backends are installed; 0 = none
  // The decoder's layers whose attention is summed up (parse_layers). Empty = none: attention is then
  // computed in the fastest way, which does not show it. In the text fingerprint as far as it changes the
  // numbers.
  std::string attention_layers;
  // Whether tokens of answers are drafted, and how many in a step. A batch with drafts rounds differently
  // than a token alone, as one of several requests does: with 1 in parallel, `off` keeps each request as if
  // alone.
  static constexpr std::uint32_t draft_max_max = 32;
  DraftMode drafts = DraftMode::off;
  std::uint32_t draft_max = 8;
  // A second, small model of the same vocabulary, GGUF, that drafts where no text does. Empty = none. Not
  // loaded where nothing is drafted.
  std::filesystem::path draft_model;
  std::function<void(std::string_view)> on_draft_failure;  // told once, on the engine's thread; may be empty
  // Which kernels compute pictures and prompts where no GPU does. In the fingerprints.
  KernelChoice kernels = KernelChoice::automatic;
  // What somebody writes may have control tokens, as in other servers. Otherwise it is plain characters.
  bool allow_control_tokens = false;
  Progress on_fingerprint;  // called while the files are hashed
  Progress on_load;         // called while the weights are read
};

struct LoadedModel {
  // Members are destroyed last to first: contexts before what they point to.
  std::unique_ptr<TileProbe> probe;
  std::unique_ptr<AttentionTap> tap;           // null where no layer is tapped
  std::unique_ptr<GraphKernels> vision_graph;  // of both contexts' graphs
  std::unique_ptr<GraphKernels> decoder_graph;
  std::unique_ptr<std::stop_token> give_up;  // once requested, a running llama_decode returns
  Owned<llama_model, llama_model_free> model;
  Owned<mtmd_context, mtmd_free> vision;
  Owned<llama_context, llama_free> context;
  // Stands for an image in rendered text; random, so that no text contains it.
  std::string marker;
  std::size_t token_bytes_max = 0;               // no token of the vocabulary stands for more bytes of text
  std::uint32_t parallel = 1;                    // sequences for slots; one more is spare, for snapshots
  float brightness_step = 0;                     // as in VisionLanguageEngine
  std::string_view prefix_obstacle;              // as in VisionLanguageEngine
  bool goes_back = true;                         // a sequence can drop its last tokens
  bool slides = false;                           // tokens leave the windows of some layers
  DraftMode drafts = DraftMode::off;             // off where `draft_obstacle` is not empty
  std::size_t draft_max = 0;                     // tokens for each answer in a step
  std::string_view draft_obstacle;               // as in VisionLanguageEngine
  std::unique_ptr<DraftModel> draft_model;       // null where there is none
  ToolFormat tool_format = ToolFormat::generic;  // of calls in answers; known once the chat template is
  KernelPlan kernels;
  Key vision_fingerprint;
  Key text_fingerprint;

  const llama_vocab* vocab() const { return llama_model_get_vocab(model.get()); }

  // Loads the pair.
  // Faults: not_found, corrupt, invalid, unsupported, each with a sentence that names the file and what is
  // wrong with it; those of DraftModel::load; invalid for `parallel` outside 1 to parallel_max, or above 1
  // with attention layers.
  static Result<LoadedModel> load(const LlamaOptions& options);
};

}  // namespace fovea::llama
