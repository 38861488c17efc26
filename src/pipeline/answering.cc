#include "pipeline/answering.h"

#include <algorithm>
#include <format>
#include <utility>

#include "base/check.h"
#include "engine/prefix_chain.h"
#include "pipeline/keys.h"
#include "pipeline/stored_response.h"
#include "pipeline/stored_tiling.h"

namespace fovea {

namespace {

// Fewer tokens are read about as fast as a state is put back.
constexpr std::uint32_t restored_tokens_min = 16;
// A shorter prefix saves too little for its bytes.
constexpr std::uint32_t stored_tokens_min = 32;

// Why the response level is not asked, or empty if it is.
std::string response_bypass(const Request& request, bool kept) {
  if (!kept) return "the response cache is off";
  if (!request.cache.read && !request.cache.write) return "the request asked for no cache";
  if (!request.options.deterministic()) return "the answer is drawn at random: temperature above 0 and no seed";
  return {};
}

Result<void> check_slots(const Request& request) {
  for (const Message& message : request.messages) {
    for (const PromptPart& part : message.parts) {
      const auto* slot = std::get_if<ImageSlot>(&part);
      if (!slot || slot->index < request.sources.size()) continue;
      return fail(Fault::invalid, std::format("a message names picture {}, but {} came with the request",
                                              slot->index + 1, request.sources.size()));
    }
  }
  return {};
}

// Adds a scope's milliseconds to a stage.
class Timed {
 public:
  explicit Timed(double& stage_ms) : stage_ms_(stage_ms) {}
  ~Timed() { stage_ms_ += watch_.elapsed_ms(); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  double& stage_ms_;
  Stopwatch watch_;
};

// Why the prefix level is not asked, or empty if it is.
std::string prefix_bypass(const Request& request, bool kept) {
  if (!kept) return "the prefix cache is off";
  if (!request.cache.read && !request.cache.write) return "the request asked for no cache";
  // What the decoder holds is read and written in one.
  if (!request.cache.read) return "the request asked not to read the cache";
  if (!request.cache.write) return "the request asked not to write the cache";
  return {};
}

}  // namespace

Answering::Answering(Pipeline& pipeline, const Request& request, const Listener& listener, std::stop_token stop)
    : pipeline_(pipeline), request_(request), listener_(listener), stop_(std::move(stop)) {}

Result<Answer> Answering::run() {
  if (auto opened = open_pictures(); !opened) return std::unexpected(opened.error());
  if (auto rendered = render(); !rendered) return std::unexpected(rendered.error());
  if (auto stored = stored_answer()) return finish(std::move(*stored));
  if (auto laid_out = lay_out(); !laid_out) return std::unexpected(laid_out.error());

  const Stopwatch waiting;
  MutexLock turn(pipeline_.turn_);
  report_.times.wait_ms = waiting.elapsed_ms();
  if (stop_.stop_requested()) return fail(Fault::cancelled, "stopped before the request's turn came");
  // Someone may have answered the same while this request waited.
  if (response_key_ && request_.cache.read && pipeline_.responses_.contains(*response_key_)) {
    if (auto stored = stored_answer()) return finish(std::move(*stored));
  }
  const auto seat = take_seat();
  const auto embeddings = embed_pictures(seat->held());
  if (!embeddings) return std::unexpected(embeddings.error());
  auto answer = compute(*seat, *embeddings);
  if (!answer) return std::unexpected(answer.error());
  store(*answer);
  keep_prefixes(*seat);
  return finish(std::move(*answer));
}

Result<void> Answering::open_pictures() {
  if (auto valid = check_slots(request_); !valid) return valid;
  for (std::size_t i = 0; i < request_.sources.size(); ++i) {
    const Timed timed(report_.times.decode_ms);
    auto picture = pipeline_.pictures_.open(request_.sources[i].bytes, request_.cache.read);
    if (!picture) {
      return fail(picture.error().fault, std::format("{}: {}", request_.sources[i].name, picture.error().message));
    }
    report_.images.push_back({.image_key = picture->image_key,
                              .width = picture->width,
                              .height = picture->height,
                              .decoded = picture->image.has_value()});
    pictures_.push_back(std::move(*picture));
  }
  return {};
}

Result<void> Answering::render() {
  const Timed timed(report_.times.lookup_ms);
  auto prompt = pipeline_.engine_.render(request_.messages);
  if (!prompt) return std::unexpected(prompt.error());
  prompt_ = std::move(*prompt);
  report_.response_bypass = response_bypass(request_, pipeline_.keeps_responses());
  if (!report_.response_bypass.empty()) return {};
  std::vector<Key> image_keys;
  for (const Picture& picture : pictures_) image_keys.push_back(picture.image_key);
  response_key_ = response_key(request_.tenant, pipeline_.engine_, prompt_, image_keys, request_.options);
  return {};
}

std::optional<Answer> Answering::stored_answer() {
  if (!response_key_) return std::nullopt;
  if (!request_.cache.read) {
    report_.response_bypass = "the request asked not to read the cache";
    return std::nullopt;
  }
  if (request_.attention) {
    report_.response_bypass = "the request asks what the answer looks at";
    return std::nullopt;
  }
  const Timed timed(report_.times.lookup_ms);
  report_.response = Outcome::miss;
  const auto hit = pipeline_.responses_.find(*response_key_);
  if (!hit) return std::nullopt;
  auto stored = StoredResponse::from_blob(hit->value);
  if (!stored) return std::nullopt;
  report_.response = Outcome::hit;
  report_.embedding_bypass = "the whole answer was stored";
  report_.saved_ms += hit->cost_ms;
  report_.lookups.push_back({TraceLevel::response, *response_key_, Outcome::hit, hit->value.size(), hit->cost_ms,
                             pipeline_.responses_.importance(*response_key_)});
  if (listener_.on_text) listener_.on_text(stored->text);
  pipeline_.coherence_.accessed(*response_key_);
  return Answer{.text = std::move(stored->text),
                .prompt_tokens = stored->prompt_tokens,
                .answer_tokens = stored->answer_tokens,
                .finish_reason = stored->finish_reason};
}

Result<void> Answering::lay_out() {
  const Timed timed(report_.times.lookup_ms);
  std::vector<ImageSize> sizes;
  std::vector<Key> image_keys;
  for (const Picture& picture : pictures_) {
    sizes.push_back({picture.width, picture.height});
    image_keys.push_back(picture.image_key);
  }
  auto layout = pipeline_.engine_.lay_out(prompt_, sizes);
  if (!layout) return std::unexpected(layout.error());
  layout_ = std::move(*layout);
  report_.prefix_bypass = prefix_bypass(request_, pipeline_.keeps_prefixes());
  if (report_.prefix_bypass.empty())
    chain_ = prefix_chain(prefix_root(request_.tenant, pipeline_.engine_), layout_->items(), image_keys);
  return {};
}

// A seat that holds as much of the prompt as the request before left there, or as is stored.
std::unique_ptr<Seat> Answering::take_seat() {
  const Timed timed(report_.times.restore_ms);
  auto seat = pipeline_.engine_.take_seat(*layout_, chain_);
  if (chain_.empty()) return seat;
  shared_ = seat->held();
  parted_ = seat->parted();
  if (const auto stored = stored_prefix(shared_)) {
    if (seat->restore(stored->items, stored->state.value, stored->state.cost_ms))
      report_.lookups.push_back({TraceLevel::prefix,
                                 chain_[stored->items - 1],
                                 Outcome::hit,
                                 stored->state.value.size(),
                                 stored->state.cost_ms,
                                 {}});
  }
  const std::size_t wanted = std::max<std::size_t>(layout_->items_with_pictures(), 1);
  report_.prefix = seat->held() >= wanted ? Outcome::hit : Outcome::miss;
  report_.cached_tokens = static_cast<std::int32_t>(layout_->tokens(seat->held()));
  save(seat->cost_ms(seat->held()));
  return seat;
}

// The longest stored prefix of the prompt that is worth putting in place of the `held` items that the decoder holds.
std::optional<Answering::StoredPrefix> Answering::stored_prefix(std::size_t held) {
  for (std::size_t items = layout_->items().size() - 1; items > held; --items) {
    if (layout_->tokens(items) < layout_->tokens(held) + restored_tokens_min) break;
    if (!pipeline_.prefixes_.contains(chain_[items - 1])) continue;
    if (auto state = pipeline_.prefixes_.find(chain_[items - 1])) return StoredPrefix{items, std::move(*state)};
  }
  // Counted as a miss where it would have been stored.
  if (const std::size_t wanted = layout_->items_with_pictures(); wanted > held)
    pipeline_.prefixes_.find(chain_[wanted - 1]);
  return std::nullopt;
}

bool Answering::uses_embeddings() const {
  return pipeline_.keeps_embeddings() && (request_.cache.read || request_.cache.write);
}

// By picture, the embeddings of those that the decoder has still to read behind the `held` items.
Result<std::vector<std::vector<Blob>>> Answering::embed_pictures(std::size_t held) {
  for (ImageReport& image : report_.images) image.held = held > 0;
  for (const PromptItem& item : layout_->items().subspan(held)) {
    if (item.tile) report_.images[item.tile->image].held = false;
  }
  std::vector<std::vector<Blob>> embeddings(pictures_.size());
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    if (report_.images[i].held) {
      count_held(pictures_[i], report_.images[i]);
      continue;
    }
    auto made = embed(pictures_[i], report_.images[i]);
    if (!made) return std::unexpected(made.error());
    embeddings[i] = std::move(*made);
  }
  if (pictures_.empty())
    report_.embedding_bypass = "the request has no pictures";
  else if (std::ranges::all_of(report_.images, &ImageReport::held))
    report_.embedding_bypass = "the decoder's state behind the pictures was kept";
  else if (!pipeline_.keeps_embeddings())
    report_.embedding_bypass = "the embedding cache is off";
  else if (!request_.cache.read)
    report_.embedding_bypass = "the request asked not to read the cache";
  if (report_.embedding_bypass.empty()) {
    const bool all = std::ranges::all_of(
        report_.images, [](const ImageReport& image) { return image.held || image.tiles_hit == image.tiles; });
    report_.embedding = all ? Outcome::hit : Outcome::miss;
  }
  return embeddings;
}

// The picture's tiles: found where they are stored, otherwise cut and encoded. The picture is cut only if a tile is
// missing.
Result<std::vector<Blob>> Answering::embed(Picture& picture, ImageReport& report) {
  Tiles tiles = known_tiles(picture, report);
  if (!tiles.complete()) {
    if (auto made = make_tiles(picture, tiles, report); !made) return std::unexpected(made.error());
  }
  report.tiles = static_cast<std::uint32_t>(tiles.embeddings.size());
  embedding_keys_.insert(embedding_keys_.end(), tiles.keys.begin(), tiles.keys.end());
  return std::move(tiles.embeddings);
}

// What is stored of how the picture was cut, if it was and what is stored fits the model's way to cut.
std::optional<Answering::KnownTiling> Answering::known_tiling(const Picture& picture) {
  if (!uses_embeddings() || !request_.cache.read) return std::nullopt;
  const auto known =
      pipeline_.tilings_.find(tiling_key(request_.tenant, pipeline_.engine_.vision_fingerprint(), picture.image_key));
  if (!known) return std::nullopt;
  auto tiles = StoredTiling::from_blob(known->value);
  const auto sizes = pipeline_.engine_.embedding_sizes(picture.width, picture.height);
  if (!tiles || !sizes || sizes->size() != tiles->embedding_keys.size()) return std::nullopt;
  return KnownTiling{std::move(*tiles), *sizes, known->cost_ms};
}

// A picture whose embeddings are not needed: what they once took is saved all the same.
void Answering::count_held(const Picture& picture, ImageReport& report) {
  const Timed timed(report_.times.lookup_ms);
  const auto known = known_tiling(picture);
  if (!known) return;
  report.tiles = static_cast<std::uint32_t>(known->bytes.size());
  for (std::size_t i = 0; i < known->bytes.size(); ++i) {
    const Key& key = embedding_keys_.emplace_back(known->tiles.embedding_keys[i]);
    const double encode_ms = known->tiles.encode_ms[i];
    report_.lookups.push_back({TraceLevel::embedding, key, Outcome::bypass, known->bytes[i], encode_ms, {}});
    save(encode_ms);
  }
  save(known->cut_ms);
}

// What is stored of a picture that was cut before; no keys if it was not. A value of another shape than the model
// reads is no hit.
Answering::Tiles Answering::known_tiles(const Picture& picture, ImageReport& report) {
  const Timed timed(report_.times.lookup_ms);
  auto known = known_tiling(picture);
  if (!known) return {};

  Tiles tiles{.keys = std::move(known->tiles.embedding_keys), .encode_ms = std::move(known->tiles.encode_ms)};
  for (std::size_t i = 0; i < tiles.keys.size(); ++i) {
    auto hit = pipeline_.embeddings_.find(tiles.keys[i]);
    const bool fits = hit && hit->value.size() == known->bytes[i];
    if (fits) count_hit(tiles.keys[i], *hit, report);
    tiles.embeddings.push_back(fits ? std::move(hit->value) : Blob());
  }
  if (tiles.complete()) save(known->cut_ms);
  return tiles;
}

// Cuts the picture and fills in what `tiles` lacks, from the level or the encoder.
Result<void> Answering::make_tiles(Picture& picture, Tiles& tiles, ImageReport& report) {
  const Stopwatch cutting;
  if (auto pixels = pipeline_.pictures_.need_pixels(picture); !pixels) return std::unexpected(pixels.error());
  report.decoded = report.preprocessed = true;
  auto tiled = pipeline_.engine_.cut(*picture.image);
  if (!tiled) return std::unexpected(tiled.error());
  const double cut_ms = cutting.elapsed_ms();
  report_.times.preprocess_ms += cut_ms;
  parts_cost_ms_ += cut_ms;

  const std::size_t count = (*tiled)->tile_count();
  const bool was_known = !tiles.keys.empty();
  check(!was_known || tiles.keys.size() == count,
        "a picture of one size is cut into the same number of tiles every time");
  tiles.embeddings.resize(count);
  tiles.encode_ms.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (stop_.stop_requested()) return fail(Fault::cancelled, "stopped while encoding a picture");
    if (!tiles.embeddings[i].empty()) continue;
    if (!was_known && uses_embeddings()) {
      if (auto named = name_tile(**tiled, i, tiles, report); !named) return named;
      if (!tiles.embeddings[i].empty()) continue;
    }
    const Stopwatch encoding;
    auto embedding = encode(**tiled, i, uses_embeddings() ? &tiles.keys[i] : nullptr);
    if (!embedding) return std::unexpected(embedding.error());
    tiles.embeddings[i] = std::move(*embedding);
    tiles.encode_ms[i] = encoding.elapsed_ms();
  }
  if (!was_known && uses_embeddings() && request_.cache.write) {
    const Key key = tiling_key(request_.tenant, pipeline_.engine_.vision_fingerprint(), picture.image_key);
    pipeline_.tilings_.insert(key, StoredTiling{tiles.keys, tiles.encode_ms}.to_blob(), cut_ms);
  }
  return {};
}

// Appends the tile's key, and takes its embedding if another picture with the same tile left it.
Result<void> Answering::name_tile(TiledImage& tiled, std::size_t tile, Tiles& tiles, ImageReport& report) {
  const Timed timed(report_.times.name_ms);
  const auto input = pipeline_.engine_.tile_input(tiled, tile);
  if (!input) return std::unexpected(input.error());
  const Key& key =
      tiles.keys.emplace_back(embedding_key(request_.tenant, pipeline_.engine_.vision_fingerprint(), *input));
  if (!request_.cache.read) return {};
  if (auto hit = pipeline_.embeddings_.find(key)) {
    count_hit(key, *hit, report);
    tiles.embeddings[tile] = std::move(hit->value);
    tiles.encode_ms[tile] = hit->cost_ms;
  }
  return {};
}

// Encodes one tile and stores it under `key`, if there is one.
Result<Blob> Answering::encode(TiledImage& tiled, std::size_t tile, const Key* key) {
  if (listener_.on_encode) listener_.on_encode(tile, tiled.tile_count());
  const Stopwatch encoding;
  auto embedding = pipeline_.engine_.encode(tiled, tile);
  if (!embedding) return embedding;
  const double cost_ms = encoding.elapsed_ms();
  report_.times.encode_ms += cost_ms;
  parts_cost_ms_ += cost_ms;
  if (key) {
    const Outcome outcome = request_.cache.read ? Outcome::miss : Outcome::bypass;
    report_.lookups.push_back({TraceLevel::embedding, *key, outcome, embedding->size(), cost_ms, {}});
  }
  if (key && request_.cache.write) {
    const Timed timed(report_.times.store_ms);
    const float importance = pipeline_.coherence_.importance_of(*key);
    pipeline_.embeddings_.insert(*key, *embedding, {.cost_ms = cost_ms, .importance = importance});
  }
  return embedding;
}

void Answering::count_hit(const Key& key, const LevelHit& hit, ImageReport& report) {
  ++report.tiles_hit;
  report_.lookups.push_back({TraceLevel::embedding, key, Outcome::hit, hit.value.size(), hit.cost_ms, {}});
  save(hit.cost_ms);
}

void Answering::save(double cost_ms) {
  report_.saved_ms += cost_ms;
  parts_cost_ms_ += cost_ms;
}

Result<Answer> Answering::compute(Seat& seat, std::span<const std::vector<Blob>> embeddings) {
  Gaze gaze;
  Answer answer{.prompt_tokens = static_cast<std::int32_t>(layout_->tokens())};
  {
    const Timed timed(report_.times.prefill_ms);
    auto read = seat.read(embeddings, pipeline_.engine_.tells_attention() ? &gaze : nullptr, stop_);
    if (!read) return std::unexpected(read.error());
  }
  auto generation = generate(seat);
  if (!generation) return std::unexpected(generation.error());
  answer.text = std::move(generation->text);
  answer.answer_tokens = generation->tokens;
  answer.finish_reason = generation->finish_reason;
  const Timed timed(report_.times.score_ms);
  report_.importance = importance_of(gaze);
  if (request_.attention) answer.attention = attention_of(gaze, tile_places());
  return answer;
}

// Of each picture, as far as the engine can tell.
std::vector<std::vector<TilePlace>> Answering::tile_places() {
  std::vector<std::vector<TilePlace>> places;
  for (const Picture& picture : pictures_)
    places.push_back(pipeline_.engine_.tile_places(picture.width, picture.height).value_or(std::vector<TilePlace>()));
  return places;
}

Result<Generation> Answering::generate(Seat& seat) {
  const Timed timed(report_.times.generate_ms);
  const TokenCallback on_token = [&](const Token& token, std::string_view text) {
    if (listener_.on_token) listener_.on_token(token, text);
    if (listener_.on_text && !text.empty()) listener_.on_text(text);
  };
  return seat.generate(request_.options, on_token, stop_);
}

// Keeps a complete answer, with the cost of everything that went into it, and tells coherence what it came from.
void Answering::store(const Answer& answer) {
  if (!response_key_) return;
  const Timed timed(report_.times.store_ms);
  const StoredResponse stored{answer.text, answer.prompt_tokens, answer.answer_tokens, answer.finish_reason};
  EntryTerms terms{.cost_ms = parts_cost_ms_ + report_.times.prefill_ms + report_.times.generate_ms};
  terms.importance = report_.importance.value_or(terms.importance);
  Blob value = stored.to_blob();
  report_.lookups.insert(report_.lookups.begin(), {TraceLevel::response, *response_key_, report_.response, value.size(),
                                                   terms.cost_ms, report_.importance});
  if (!request_.cache.write) return;
  pipeline_.responses_.insert(*response_key_, std::move(value), terms);
  pipeline_.coherence_.stored(*response_key_, terms.importance, embedding_keys_);
}

// Keeps the decoder's state behind the pictures, for other questions about them, and where the request before parted from this one: what two
// requests have shared a third may share too (a system prompt, say). The answer is out by now.
void Answering::keep_prefixes(Seat& seat) {
  if (chain_.empty() || !pipeline_.engine_.prefix_obstacle().empty()) return;
  const Timed timed(report_.times.store_ms);
  const std::size_t behind_pictures = layout_->items_with_pictures();
  keep_prefix(seat, behind_pictures);
  if (parted_ && (behind_pictures == 0 || shared_ < behind_pictures)) keep_prefix(seat, shared_);
}

void Answering::keep_prefix(Seat& seat, std::size_t items) {
  if (layout_->tokens(items) < stored_tokens_min || pipeline_.prefixes_.contains(chain_[items - 1])) return;
  auto state = seat.snapshot(items);
  if (!state) return;
  const double cost_ms = seat.cost_ms(items);
  report_.lookups.push_back({TraceLevel::prefix, chain_[items - 1], Outcome::miss, state->size(), cost_ms, {}});
  pipeline_.prefixes_.insert(chain_[items - 1], std::move(*state), {.cost_ms = cost_ms});
}

Answer Answering::finish(Answer answer) {
  report_.times.total_ms = since_start_.elapsed_ms();
  answer.report = std::move(report_);
  return answer;
}

}  // namespace fovea
