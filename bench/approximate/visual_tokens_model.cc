// Two contexts of one decoder: the product's, with flash attention, which answers; and one without, whose
// attention can be read. Sequence 0 holds what is prefilled up to the last picture. Each answer gets a copy
// of it, from sequence 1 on, which it changes and drops. With one KV cache for both, copying copies no cell.
// The encoder exists twice as well: as the product runs it, and without flash attention, to see what its last
// layer attends to.
//
// Columns of attention are cells. The cache is cleared before a prompt is prefilled, so the cells of its
// beginning lie in the order of its positions.
#include "visual_tokens_model.h"

#include <ggml-backend.h>
#include <mtmd-helper.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

#include "base/check.h"
#include "engine/llama/backend.h"
#include "engine/llama/decode/chunks.h"
#include "engine/llama/decode/text_batch.h"
#include "engine/llama/decode/token_text.h"
#include "image/decode.h"

namespace fovea::bench {

namespace {

using llama::engine_failure;

constexpr llama_seq_id kept_sequence = 0;
constexpr llama_seq_id work_sequence = 1;   // and the following ones, of answers side by side
constexpr std::uint32_t side_by_side = 24;  // answers, where the context has room
constexpr std::size_t answer_tokens_max = 64;
constexpr std::size_t pictures_max = 8;  // remembered; a prompt has two at most

// Reads soft-maxed attention while a graph is computed.
class AttentionReader {
 public:
  // Called with the layer's number (the count of such nodes so far where they have no names) and the numbers
  // [heads][queries][keys].
  using Visit = std::function<void(std::size_t layer, const ggml_tensor& node, std::span<const float> weights)>;

  static bool on_node(ggml_tensor* node, bool ask, void* reader) {
    auto& self = *static_cast<AttentionReader*>(reader);
    const bool wanted = self.visit && node->op == GGML_OP_SOFT_MAX && node->type == GGML_TYPE_F32;
    if (ask) return wanted;
    if (!wanted) return true;
    std::vector<float> weights(static_cast<std::size_t>(ggml_nelements(node)));
    ggml_backend_tensor_get(node, weights.data(), 0, weights.size() * sizeof(float));
    self.visit(self.seen++, *node, weights);
    return true;
  }

  void watch(Visit with) {
    seen = 0;
    visit = std::move(with);
  }

 private:
  Visit visit;
  std::size_t seen = 0;
};

// Adds to `sums` what the keys from `first` on receive: the sum over queries of the mean over heads.
void add_received(const ggml_tensor& node, std::span<const float> weights, std::size_t first, std::span<float> sums) {
  const auto keys = static_cast<std::size_t>(node.ne[0]);
  const auto heads = static_cast<float>(node.ne[2]);
  check(first + sums.size() <= keys, "attention has a column for each of the picture's tokens");
  for (std::size_t row = 0; row < weights.size() / keys; ++row) {
    for (std::size_t token = 0; token < sums.size(); ++token)
      sums[token] += weights[row * keys + first + token] / heads;
  }
}

Result<Blob> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Fault::not_found, path.string() + ": cannot be read");
  return Blob::copy_of(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace

struct VisualTokensModel::State {
  explicit State(llama::LoadedModel model) : loaded(std::move(model)) {}

  llama::LoadedModel loaded;
  std::optional<llama::ChatTemplate> chat_template;
  AttentionReader encoder_reader, decoder_reader;
  Owned<mtmd_context, mtmd_free> watched_encoder;
  Owned<llama_context, llama_free> watched_decoder;
  std::map<std::filesystem::path, EncodedPicture> pictures;

  std::unique_ptr<llama::LlamaLayout> layout;
  std::vector<const EncodedPicture*> asked_about;  // by image

  std::size_t width() const { return static_cast<std::size_t>(llama_model_n_embd_inp(loaded.model.get())); }

  Result<void> make_watched(const std::filesystem::path& mmproj) {
    mtmd_context_params vision = mtmd_context_params_default();
    vision.use_gpu = false;
    vision.print_timings = false;
    vision.n_threads = 1;
    vision.media_marker = loaded.marker.c_str();
    vision.warmup = false;
    vision.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    vision.cb_eval = AttentionReader::on_node;
    vision.cb_eval_user_data = &encoder_reader;
    watched_encoder.reset(mtmd_init_from_file(mmproj.c_str(), loaded.model.get(), vision));
    llama_context_params decoder = llama_context_default_params();
    decoder.n_ctx = llama_n_ctx(loaded.context.get());
    decoder.n_threads = decoder.n_threads_batch = 1;
    decoder.n_seq_max = 2;
    decoder.kv_unified = true;
    decoder.no_perf = true;
    decoder.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    decoder.cb_eval = AttentionReader::on_node;
    decoder.cb_eval_user_data = &decoder_reader;
    watched_decoder.reset(llama_init_from_model(loaded.model.get(), decoder));
    if (!watched_encoder || !watched_decoder) return engine_failure("opening the contexts whose attention is read");
    return {};
  }

  Result<void> encode(const mtmd_input_chunk& tile, EncodedPicture& picture, bool reads_encoder) {
    const std::size_t tokens = mtmd_input_chunk_get_n_tokens(&tile);
    if (mtmd_encode_chunk(loaded.vision.get(), &tile) != 0) return engine_failure("encoding a picture");
    const std::span values(mtmd_get_output_embd(loaded.vision.get()), tokens * width());
    picture.embedding = Blob::copy_of(std::as_bytes(values));
    if (!reads_encoder) return {};
    picture.encoder_sum.assign(tokens, 0);
    encoder_reader.watch([&](std::size_t, const ggml_tensor& node, std::span<const float> weights) {
      if (node.ne[0] != static_cast<std::int64_t>(tokens)) return;
      picture.encoder_sum.assign(tokens, 0);  // the last layer's is what stays
      add_received(node, weights, 0, picture.encoder_sum);
    });
    const std::int32_t status = mtmd_encode_chunk(watched_encoder.get(), &tile);
    encoder_reader.watch({});
    if (status != 0) return engine_failure("watching the encoder");
    return {};
  }

  // Lays the prompt out.
  Result<void> lay_out(std::span<const Message> messages) {
    auto prompt = chat_template->render(messages);
    if (!prompt) return std::unexpected(prompt.error());
    std::vector<ImageSize> sizes;
    for (const EncodedPicture* picture : asked_about) sizes.push_back(picture->size);
    auto made = llama::LlamaLayout::make(loaded, *prompt, sizes);
    if (!made) return std::unexpected(made.error());
    layout = std::move(*made);
    return {};
  }

  // Computes the items [begin, end) of the prompt in `sequence`, from `position` on. Of tiles, the tokens
  // that `kept` has; all where it is empty. Each run of text is one batch, as with one slot of the product.
  // Returns the position behind them.
  Result<llama_pos> prefill(llama_context& context, llama_seq_id sequence, std::size_t begin, std::size_t end,
                            llama_pos position, const KeptTokens& kept = {}) {
    std::size_t first_token = 0;  // of the tile, among all visual tokens
    for (std::size_t item = begin; item < end;) {
      if (layout->items()[item].tile) {
        const std::size_t tokens = mtmd_input_chunk_get_n_tokens(&layout->tile(item));
        auto behind = kept.empty() ? prefill_tile(context, sequence, item, position)
                                   : prefill_kept(context, sequence, item, position, kept, first_token);
        if (!behind) return behind;
        position = *behind;
        first_token += tokens;
        ++item;
        continue;
      }
      llama::TextBatch batch;
      for (; item < end && !layout->items()[item].tile; ++item)
        batch.add(layout->items()[item].token, position++, sequence, item + 1 == layout->items().size());
      if (llama_decode(&context, batch.view()) != 0) return engine_failure("prefilling text");
    }
    return position;
  }

  const EncodedPicture& picture_of(std::size_t item) const { return *asked_about[layout->items()[item].tile->image]; }

  Result<llama_pos> prefill_tile(llama_context& context, llama_seq_id sequence, std::size_t item, llama_pos position) {
    llama_pos behind = 0;
    auto* embedding = const_cast<float*>(picture_of(item).embedding.as<float>().data());
    const std::int32_t status = mtmd_helper_decode_image_chunk(
        loaded.vision.get(), &context, &layout->tile(item), embedding, position, sequence,
        static_cast<std::int32_t>(llama_n_batch(&context)), &behind, nullptr, nullptr);
    if (status != 0) return engine_failure("prefilling a picture");
    return behind;
  }

  Result<llama_pos> prefill_kept(llama_context& context, llama_seq_id sequence, std::size_t item, llama_pos position,
                                 const KeptTokens& kept, std::size_t first_token) {
    const std::span<const float> values = picture_of(item).embedding.as<float>();
    const std::size_t tokens = values.size() / width();
    std::vector<float> embedding;
    std::vector<llama_pos> positions;
    for (std::size_t token = 0; token < tokens; ++token) {
      if (!kept[first_token + token]) continue;
      const auto row = values.subspan(token * width(), width());
      embedding.insert(embedding.end(), row.begin(), row.end());
      positions.push_back(position++);
    }
    if (positions.empty()) return position;
    std::vector<std::int32_t> counts(positions.size(), 1);
    std::vector<llama_seq_id*> sequences(positions.size(), &sequence);
    std::vector<std::int8_t> logits(positions.size(), 0);
    const llama_batch batch{.n_tokens = static_cast<std::int32_t>(positions.size()),
                            .token = nullptr,
                            .embd = embedding.data(),
                            .pos = positions.data(),
                            .n_seq_id = counts.data(),
                            .seq_id = sequences.data(),
                            .logits = logits.data()};
    if (llama_decode(&context, batch) != 0) return engine_failure("prefilling some of a picture's tokens");
    return position;
  }

  // The greedy answer behind a prompt whose last token was computed just now.
  Result<GreedyAnswer> decode(llama_context& context, llama_seq_id sequence, llama_pos position) {
    GreedyAnswer answer;
    for (std::size_t count = 0; take_token(context, -1, answer, count); ++count) {
      llama::TextBatch batch;
      batch.add(answer.last, position++, sequence, true);
      if (llama_decode(&context, batch.view()) != 0) return engine_failure("decoding an answer");
    }
    return answer;
  }

  // Makes `sequence` a copy of the kept one.
  static void copy_kept(llama_context& context, llama_seq_id sequence) {
    llama_memory_t memory = llama_get_memory(&context);
    llama_memory_seq_rm(memory, sequence, -1, -1);
    llama_memory_seq_cp(memory, kept_sequence, sequence, -1, -1);
  }

  // The answer behind a copy of the kept sequence.
  Result<GreedyAnswer> answer_alone(llama_context& context) {
    copy_kept(context, work_sequence);
    const std::size_t shared = layout->items_with_pictures();
    auto position = prefill(context, work_sequence, shared, layout->items().size(), layout->position(shared));
    if (!position) return std::unexpected(position.error());
    return decode(context, work_sequence, *position);
  }

  // How many answers the context and a batch have room for, side by side. Copies of a sequence take none.
  std::size_t answers_at_once() const {
    const std::size_t rest = layout->items().size() - layout->items_with_pictures();
    const std::size_t room = llama_n_ctx(loaded.context.get()) - layout->tokens();
    const std::size_t fit = std::min(room / (rest + answer_tokens_max), llama_n_batch(loaded.context.get()) / rest);
    return std::clamp<std::size_t>(fit, 1, side_by_side);
  }

  // The answers behind copies of the kept sequence, each without the tokens that its set does not keep.
  Result<std::vector<GreedyAnswer>> answer_together(std::span<const KeptTokens> sets) {
    struct Writing {
      llama_seq_id sequence;
      std::size_t answer;
      llama_pos position;
      std::int32_t row = 0;  // of its last token in the batch
    };
    llama_context& context = *loaded.context;
    std::vector<GreedyAnswer> answers(sets.size());
    std::vector<Writing> writing;
    llama::TextBatch batch;
    const std::size_t shared = layout->items_with_pictures(), end = layout->items().size();
    for (std::size_t set = 0; set < sets.size(); ++set) {
      writing.push_back({work_sequence + static_cast<llama_seq_id>(set), set, layout->position(shared)});
      Writing& one = writing.back();
      copy_kept(context, one.sequence);
      if (auto pruned = prune(one.sequence, sets[set]); !pruned) return std::unexpected(pruned.error());
      for (std::size_t item = shared; item < end; ++item)
        one.row = batch.add(layout->items()[item].token, one.position++, one.sequence, item + 1 == end);
    }
    for (std::size_t count = 0; !writing.empty(); ++count) {
      if (llama_decode(&context, batch.view()) != 0) return engine_failure("computing answers side by side");
      batch.clear();
      std::erase_if(writing,
                    [&](const Writing& one) { return !take_token(context, one.row, answers[one.answer], count); });
      for (Writing& one : writing) one.row = batch.add(answers[one.answer].last, one.position++, one.sequence, true);
    }
    for (std::size_t set = 0; set < sets.size(); ++set)
      llama_memory_seq_rm(llama_get_memory(&context), work_sequence + static_cast<llama_seq_id>(set), -1, -1);
    return answers;
  }

  // Adds the most likely token of a row to the answer; false where the answer ends.
  bool take_token(llama_context& context, std::int32_t row, GreedyAnswer& answer, std::size_t count) const {
    const auto vocabulary = static_cast<std::size_t>(llama_vocab_n_tokens(loaded.vocab()));
    const std::span logits(llama_get_logits_ith(&context, row), vocabulary);
    if (count == 0) answer.first.assign(logits.begin(), logits.end());
    answer.last = static_cast<llama_token>(std::ranges::max_element(logits) - logits.begin());
    if (llama_vocab_is_eog(loaded.vocab(), answer.last)) return false;
    answer.text += llama::token_text(loaded.vocab(), answer.last, false);
    return count + 1 < answer_tokens_max;
  }

  // Removes runs of tokens that are not kept from a sequence.
  Result<void> prune(llama_seq_id sequence, const KeptTokens& kept) {
    llama_memory_t memory = llama_get_memory(loaded.context.get());
    std::size_t first_token = 0;
    for (std::size_t item = 0; item < layout->items_with_pictures(); ++item) {
      if (!layout->items()[item].tile) continue;
      const std::size_t tokens = mtmd_input_chunk_get_n_tokens(&layout->tile(item));
      const llama_pos start = layout->position(item);
      for (std::size_t token = 0; token < tokens;) {
        std::size_t end = token;
        while (end < tokens && !kept[first_token + end]) ++end;
        if (end > token && !llama_memory_seq_rm(memory, sequence, start + static_cast<llama_pos>(token),
                                                start + static_cast<llama_pos>(end)))
          return engine_failure("removing tokens of a picture");
        token = end + 1;
      }
      first_token += tokens;
    }
    return {};
  }
};

VisualTokensModel::VisualTokensModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
VisualTokensModel::~VisualTokensModel() = default;

Result<std::unique_ptr<VisualTokensModel>> VisualTokensModel::open(const std::filesystem::path& model,
                                                                   const std::filesystem::path& mmproj) {
  auto loaded = llama::LoadedModel::load(
      {.model = model, .mmproj = mmproj, .threads = 1, .parallel = side_by_side, .gpu_layers = 0});
  if (!loaded) return std::unexpected(loaded.error());
  auto state = std::make_unique<State>(std::move(*loaded));
  const char* source = llama_model_chat_template(state->loaded.model.get(), nullptr);
  if (source == nullptr || llama_vocab_get_add_bos(state->loaded.vocab()))
    return fail(Fault::unsupported, model.string() + ": this measurement is written for the bundled model");
  const std::string end = llama::token_text(state->loaded.vocab(), llama_vocab_eos(state->loaded.vocab()), true);
  auto chat_template = llama::ChatTemplate::parse(source, {}, end);
  if (!chat_template) return std::unexpected(chat_template.error());
  state->chat_template.emplace(std::move(*chat_template));
  if (auto made = state->make_watched(mmproj); !made) return std::unexpected(made.error());
  return std::unique_ptr<VisualTokensModel>(new VisualTokensModel(std::move(state)));
}

std::uint32_t VisualTokensModel::layers() const {
  return static_cast<std::uint32_t>(llama_model_n_layer(state_->loaded.model.get()));
}

Result<const EncodedPicture*> VisualTokensModel::picture(const std::filesystem::path& file, bool reads_encoder) {
  if (const auto known = state_->pictures.find(file); known != state_->pictures.end()) return &known->second;
  const auto bytes = bytes_of(file);
  if (!bytes) return std::unexpected(bytes.error());
  const auto image = decode(bytes->bytes());
  if (!image) return std::unexpected(image.error());
  std::vector<llama::Bitmap> bitmaps;
  bitmaps.emplace_back(mtmd_bitmap_init(image->width, image->height,
                                        reinterpret_cast<const unsigned char*>(image->pixels.bytes().data())));
  const auto chunks = llama::Chunks::tokenize(*state_->loaded.vision, state_->loaded.marker, false, bitmaps);
  if (!chunks) return std::unexpected(chunks.error());
  if (chunks->tiles().size() != 1) return fail(Fault::unsupported, "this measurement is for models of one tile");
  EncodedPicture picture{.size = {image->width, image->height}};
  if (auto encoded = state_->encode(*chunks->tiles().front(), picture, reads_encoder); !encoded)
    return std::unexpected(encoded.error());
  if (state_->pictures.size() >= pictures_max) {
    std::erase_if(state_->pictures,
                  [&](const auto& entry) { return !std::ranges::contains(state_->asked_about, &entry.second); });
  }
  return &(state_->pictures[file] = std::move(picture));
}

Result<std::vector<float>> VisualTokensModel::look(const std::filesystem::path& file,
                                                   std::span<const std::string> questions) {
  const auto encoded = picture(file, true);
  if (!encoded) return std::unexpected(encoded.error());
  State& state = *state_;
  state.asked_about = {*encoded};
  llama_context& context = *state.watched_decoder;
  std::vector<float> received;
  for (const std::string& question : questions) {
    const Message message{.role = "user", .parts = {ImageSlot{0}, question}, .tool_calls = {}, .tool_call_id = {}};
    if (auto laid_out = state.lay_out({&message, 1}); !laid_out) return std::unexpected(laid_out.error());
    const std::size_t shared = state.layout->items_with_pictures();  // the same for all questions
    if (&question == questions.data()) {
      llama_memory_clear(llama_get_memory(&context), false);
      if (auto position = state.prefill(context, kept_sequence, 0, shared, 0); !position)
        return std::unexpected(position.error());
    }
    const auto first = static_cast<std::size_t>(state.layout->position(shared - 1));
    const std::size_t tokens = state.layout->image_tokens(), begin = received.size();
    received.resize(begin + layers() * tokens);
    state.decoder_reader.watch([&](std::size_t seen, const ggml_tensor& node, std::span<const float> weights) {
      add_received(node, weights, first, std::span(received).subspan(begin + seen % layers() * tokens, tokens));
    });
    auto answer = state.answer_alone(context);
    state.decoder_reader.watch({});
    if (!answer) return std::unexpected(answer.error());
  }
  return received;
}

Result<void> VisualTokensModel::start(std::span<const Message> messages,
                                      const std::vector<std::filesystem::path>& pictures) {
  State& state = *state_;
  state.asked_about.clear();
  for (const auto& file : pictures) {
    const auto encoded = picture(file, false);
    if (!encoded) return std::unexpected(encoded.error());
    state.asked_about.push_back(*encoded);
  }
  if (auto laid_out = state.lay_out(messages); !laid_out) return laid_out;
  llama_context& context = *state.loaded.context;
  llama_memory_clear(llama_get_memory(&context), false);
  return state.prefill(context, kept_sequence, 0, state.layout->items_with_pictures(), 0).transform([](llama_pos) {});
}

std::size_t VisualTokensModel::visual_tokens() const { return state_->layout->image_tokens(); }

Result<GreedyAnswer> VisualTokensModel::answer_exact() { return state_->answer_alone(*state_->loaded.context); }

Result<std::vector<GreedyAnswer>> VisualTokensModel::answers_pruned(std::span<const KeptTokens> sets) {
  llama_memory_seq_rm(llama_get_memory(state_->loaded.context.get()), work_sequence, -1, -1);
  std::vector<GreedyAnswer> answers;
  const std::size_t at_once = state_->answers_at_once();
  for (std::size_t first = 0; first < sets.size(); first += at_once) {
    auto some = state_->answer_together(sets.subspan(first, std::min(at_once, sets.size() - first)));
    if (!some) return std::unexpected(some.error());
    std::ranges::move(*some, std::back_inserter(answers));
  }
  return answers;
}

Result<GreedyAnswer> VisualTokensModel::answer_compact(const KeptTokens& kept) {
  State& state = *state_;
  llama_context& context = *state.loaded.context;
  llama_memory_seq_rm(llama_get_memory(&context), work_sequence, -1, -1);
  auto position = state.prefill(context, work_sequence, 0, state.layout->items().size(), 0, kept);
  if (!position) return std::unexpected(position.error());
  return state.decode(context, work_sequence, *position);
}

double divergence(std::span<const float> exact, std::span<const float> other) {
  const auto log_sum = [](std::span<const float> logits) {
    const double greatest = std::ranges::max(logits);
    double sum = 0;
    for (const float logit : logits) sum += std::exp(logit - greatest);
    return greatest + std::log(sum);
  };
  const double exact_sum = log_sum(exact), other_sum = log_sum(other);
  double total = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double log_p = exact[i] - exact_sum;
    total += std::exp(log_p) * (log_p - (other[i] - other_sum));
  }
  return std::max(0.0, total);
}

}  // namespace fovea::bench
