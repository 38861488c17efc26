// The pair is validated by our own parser before the libraries see a byte of it. Then it is fingerprinted,
// and the decoder, the vision encoder and the context are made, all under an AbortGuard. Everything that
// changes numbers is in a fingerprint: file contents, library version, devices, and for answers the context's
// size, KV types and kernels.
#include "engine/llama/loaded_model.h"

#include <mtmd-helper.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <format>
#include <random>
#include <thread>

#include "engine/fingerprint.h"
#include "engine/llama/backend.h"
#include "engine/llama/devices.h"
#include "engine/llama/gguf/gguf_file.h"
#include "engine/llama/gguf/layer_list.h"
#include "engine/llama/gguf/validate.h"

namespace fovea::llama {

namespace {

// The context's size when the user does not state one: enough for a conversation about some images, without
// the memory of a 128 Ki training context.
constexpr std::uint32_t ctx_size_default_max = 8192;
// Tokens in one call; also the most that an image may have where the model needs images without a causal
// mask.
constexpr std::uint32_t batch_tokens = 2048;
constexpr std::uint32_t ubatch_tokens = 512;  // llama.cpp's default; larger costs compute memory

std::unexpected<Error> load_failure(const std::filesystem::path& file, std::string_view why) {
  std::string complaint = take_complaint();
  if (!why.empty()) complaint = std::string(why);
  return fail(Fault::invalid, std::format("{}: llama.cpp cannot load this model{}{}", file.string(),
                                          complaint.empty() ? "" : ": ", complaint));
}

std::int32_t thread_count(std::int32_t asked) {
  return asked > 0 ? asked : static_cast<std::int32_t>(std::max(1u, std::thread::hardware_concurrency()));
}

std::string random_marker() {
  std::random_device device;
  return std::format("<__media_{:08x}{:08x}{:08x}{:08x}__>", device(), device(), device(), device());
}

// Passes llama.cpp's progress on to a Progress, which may be empty.
bool report(float fraction, void* progress) {
  report_progress(*static_cast<const Progress*>(progress), fraction);
  return true;
}

Result<void> plan_kernels(LoadedModel& loaded, const LlamaOptions& options) {
  if (computes_elsewhere(options.gpu_layers)) return {};
  auto plan = KernelPlan::make(options.kernels, options.model, options.mmproj);
  if (!plan) return std::unexpected(plan.error());
  loaded.kernels = *std::move(plan);
  return {};
}

Result<void> fingerprint(LoadedModel& loaded, const LlamaOptions& options) {
  const FingerprintMemo memo = FingerprintMemo::in_user_cache();
  const double decoder_bytes = static_cast<double>(std::filesystem::file_size(options.model));
  const double decoder_part =
      decoder_bytes / (decoder_bytes + static_cast<double>(std::filesystem::file_size(options.mmproj)));
  const auto text = fingerprint_file(
      options.model, memo, [&](double fraction) { report_progress(options.on_fingerprint, decoder_part * fraction); });
  if (!text) return std::unexpected(text.error());
  const auto vision = fingerprint_file(options.mmproj, memo, [&](double fraction) {
    report_progress(options.on_fingerprint, decoder_part + (1 - decoder_part) * fraction);
  });
  if (!vision) return std::unexpected(vision.error());
  const std::string device_names = device_classes(options.gpu_layers);
  const auto named = [&](std::string_view domain, const Key& file, const std::string& kernels) {
    return KeyBuilder(domain).field(file).field(llama_version()).field(device_names).field(kernels).finish();
  };
  loaded.vision_fingerprint = named("fovea/vision/2", *vision, loaded.kernels.vision_class());
  loaded.text_fingerprint = named("fovea/text/2", *text, loaded.kernels.decoder_class());
  return {};
}

Result<void> load_decoder(LoadedModel& loaded, const LlamaOptions& options) {
  llama_model_params params = llama_model_default_params();
  if (options.gpu_layers >= 0) params.n_gpu_layers = options.gpu_layers;
  params.progress_callback = report;
  params.progress_callback_user_data = const_cast<Progress*>(&options.on_load);
  loaded.model.reset(llama_model_load_from_file(options.model.c_str(), params));
  if (!loaded.model) return load_failure(options.model, "");
  if (!llama_model_has_decoder(loaded.model.get()) || llama_model_has_encoder(loaded.model.get())) {
    return fail(Fault::unsupported, std::format("{}: not a decoder-only language model", options.model.string()));
  }
  return {};
}

// libmtmd scales values to 0..1, subtracts the mean, and divides by the standard deviation. A file without
// one is fed otherwise; half is the commonest, and noise is measured in any case: the step only bounds it.
float brightness_step(const GgufFile& mmproj) {
  float deviation = 0;
  const std::vector<float> deviations = mmproj.floats("clip.vision.image_std");
  for (const float of_channel : deviations) deviation += of_channel / static_cast<float>(deviations.size());
  const bool usable = std::isfinite(deviation) && deviation > 1e-3F && deviation < 1e3F;
  return 1 / (255 * (usable ? deviation : 0.5F));
}

Result<void> load_vision(LoadedModel& loaded, const LlamaOptions& options) {
  mtmd_context_params params = mtmd_context_params_default();
  params.use_gpu = options.gpu_layers != 0;
  params.print_timings = false;
  params.n_threads = thread_count(options.threads);
  params.media_marker = loaded.marker.c_str();
  params.warmup = false;  // it would encode an image of the largest size at start
  loaded.vision_graph = std::make_unique<GraphKernels>(loaded.kernels.for_vision(params.n_threads), TileProbe::on_node,
                                                       loaded.probe.get());
  params.cb_eval = GraphKernels::on_node;
  params.cb_eval_user_data = loaded.vision_graph.get();
  loaded.vision.reset(mtmd_init_from_file(options.mmproj.c_str(), loaded.model.get(), params));
  if (!loaded.vision) return load_failure(options.mmproj, "");
  if (!mtmd_support_vision(loaded.vision.get())) {
    return fail(Fault::unsupported, std::format("{}: has no vision encoder", options.mmproj.string()));
  }
  const auto head = GgufFile::open(options.mmproj);
  if (!head) return std::unexpected(head.error());
  loaded.brightness_step = brightness_step(*head);
  return {};
}

// Recurrent layers have their state at the end only, and sliding windows no longer hold the tokens in front
// of an earlier end.
void tell_memory(LoadedModel& loaded, const llama_context_params& params) {
  const llama_model& model = *loaded.model;
  loaded.slides = llama_model_n_swa(&model) > 0 && !params.swa_full;
  loaded.goes_back = !llama_model_is_recurrent(&model) && !llama_model_is_hybrid(&model) && !loaded.slides;
}

// Asks for the state of a sequence that holds nothing. Memory that cannot be saved fails an assertion.
std::string_view prefix_obstacle(llama_context& context) {
  constexpr std::string_view unsaved = "llama.cpp cannot save the state of this kind of model";
  try {
    const AbortGuard guard;
    return llama_state_seq_get_size(&context, 0) > 0 ? std::string_view() : unsaved;
  } catch (const std::exception&) {
    return unsaved;
  }
}

// Why no tokens are drafted. A wrong draft is dropped from the context again.
std::string_view draft_obstacle(const LoadedModel& loaded, const LlamaOptions& options) {
  if (options.drafts == DraftMode::off || options.draft_max == 0) return "drafts are off";
  if (loaded.tap) return "attention is observed, which needs one token in each step";
  if (!loaded.goes_back) return "this model keeps its state at the end only, so a wrong draft cannot be taken back";
  return {};
}

// Without a callback the graph is computed in one piece, on GPUs too.
void watch_graph(LoadedModel& loaded, llama_context_params& params) {
  auto kernels = loaded.kernels.for_decoder(params.n_threads_batch);
  if (!kernels && !loaded.tap) return;
  loaded.decoder_graph = std::make_unique<GraphKernels>(std::move(kernels),
                                                        loaded.tap ? AttentionTap::on_node : nullptr, loaded.tap.get());
  params.cb_eval = GraphKernels::on_node;
  params.cb_eval_user_data = loaded.decoder_graph.get();
}

Result<void> make_context(LoadedModel& loaded, const LlamaOptions& options) {
  const auto trained = static_cast<std::uint32_t>(llama_model_n_ctx_train(loaded.model.get()));
  llama_context_params params = llama_context_default_params();
  params.n_ctx = options.ctx_size ? options.ctx_size : std::min(trained, ctx_size_default_max);
  params.n_batch = std::min(batch_tokens, params.n_ctx);
  // A model that needs images without a causal mask must be given each in one piece.
  const bool whole_images = mtmd_decode_use_non_causal(loaded.vision.get(), nullptr);
  params.n_ubatch = std::min(whole_images ? batch_tokens : ubatch_tokens, params.n_batch);
  params.n_threads = params.n_threads_batch = thread_count(options.threads);
  params.no_perf = true;
  if (options.parallel < 1 || options.parallel > LlamaOptions::parallel_max)
    return fail(Fault::invalid,
                std::format("{} requests in parallel: write 1 to {}", options.parallel, LlamaOptions::parallel_max));
  // All sequences use the same cells, so that copying a sequence copies no cell.
  loaded.parallel = options.parallel;
  params.n_seq_max = options.parallel + 1;
  params.kv_unified = true;
  if (!options.attention_layers.empty()) {
    if (options.parallel > 1)
      return fail(
          Fault::invalid,
          std::format("attention is watched one request at a time: it needs 1 in parallel, not {}", options.parallel));
    auto layers =
        parse_layers(options.attention_layers, static_cast<std::uint32_t>(llama_model_n_layer(loaded.model.get())));
    if (!layers) return fail(layers.error().fault, "attention layers: " + layers.error().message);
    loaded.tap = std::make_unique<AttentionTap>(std::move(*layers));
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.swa_full = true;  // else the columns of sliding-window layers would be other positions
  }
  watch_graph(loaded, params);
  // ggml asks on the thread that computes, which is also the one that sets the token.
  params.abort_callback = [](void* stop) { return static_cast<const std::stop_token*>(stop)->stop_requested(); };
  params.abort_callback_data = loaded.give_up.get();
  tell_memory(loaded, params);
  loaded.context.reset(llama_init_from_model(loaded.model.get(), params));
  if (!loaded.context) {
    return load_failure(options.model, std::format("no context of {} tokens; try a smaller --ctx-size. {}",
                                                   params.n_ctx, take_complaint()));
  }
  loaded.prefix_obstacle = prefix_obstacle(*loaded.context);
  loaded.draft_obstacle = draft_obstacle(loaded, options);
  loaded.drafts = loaded.draft_obstacle.empty() ? options.drafts : DraftMode::off;
  loaded.draft_max = std::min(options.draft_max, LlamaOptions::draft_max_max);
  loaded.text_fingerprint = KeyBuilder("fovea/text-context/1")
                                .field(loaded.text_fingerprint)
                                .field(llama_n_ctx(loaded.context.get()))
                                .field(ggml_type_name(params.type_k))
                                .field(ggml_type_name(params.type_v))
                                .field(llama_flash_attn_type_name(params.flash_attn_type))
                                .field(params.swa_full)
                                .finish();
  return {};
}

// A draft that nobody may use is not loaded.
Result<void> load_draft_model(LoadedModel& loaded, const LlamaOptions& options) {
  if (options.draft_model.empty() || loaded.drafts == DraftMode::off) return {};
  auto draft = DraftModel::load({.file = options.draft_model,
                                 .threads = thread_count(options.threads),
                                 .gpu_layers = options.gpu_layers,
                                 .ctx_size = llama_n_ctx(loaded.context.get()),
                                 .sequences = loaded.parallel,
                                 .model_file = options.model,
                                 .on_failure = options.on_draft_failure},
                                *loaded.vocab());
  if (!draft) return std::unexpected(draft.error());
  loaded.draft_model = *std::move(draft);
  return {};
}

// As the vocabulary writes them: a blank and many a byte take more there than in a text, and none takes less.
// A character that no token has is one token.
std::size_t longest_token(const llama_vocab* vocab) {
  std::size_t longest = 4;
  for (llama_token token = 0; token < llama_vocab_n_tokens(vocab); ++token) {
    const char* text = llama_vocab_get_text(vocab, token);
    if (text != nullptr) longest = std::max(longest, std::strlen(text));
  }
  return longest;
}

}  // namespace

Result<LoadedModel> LoadedModel::load(const LlamaOptions& options) {
  if (auto valid = validate_pair(options.model, options.mmproj); !valid) return std::unexpected(valid.error());
  start_backend();
  take_complaint();
  LoadedModel loaded{.probe = std::make_unique<TileProbe>(),
                     .give_up = std::make_unique<std::stop_token>(),
                     .marker = random_marker()};
  try {
    const AbortGuard guard;
    for (auto step : {plan_kernels, fingerprint, load_decoder, load_vision, make_context, load_draft_model}) {
      if (auto done = step(loaded, options); !done) return std::unexpected(done.error());
    }
    loaded.token_bytes_max = longest_token(loaded.vocab());
  } catch (const std::exception& error) {
    return load_failure(options.model, error.what());
  }
  return loaded;
}

}  // namespace fovea::llama
