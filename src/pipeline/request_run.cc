// Algorithm 1 reads from top to bottom in answer() and compute(): images, response, prefix, embeddings, slot,
// prefill, generate. What a level does is in the level's room; what requests at the same time share is shared
// there too.
#include "pipeline/request_run.h"

#include <algorithm>
#include <atomic>
#include <format>
#include <functional>
#include <utility>

#include "pipeline/levels/asked_pictures.h"
#include "pipeline/levels/keys.h"
#include "pipeline/timed.h"

namespace fovea {

namespace {

// Of a prediction; more than a drafter looks at, and read in milliseconds. A cut character is a wrong guess.
constexpr std::size_t prediction_bytes_max = 128 << 10;
// A request of many large images would hold gigabytes of pixels until it is their turn: beyond these, they
// are decoded again.
constexpr std::uint64_t kept_pixels_max = 16'000'000;  // 48 MB

// Each of them names a picture that came with the request.
Result<void> check_slots(std::span<const PromptPart> parts, std::size_t pictures, std::string_view where) {
  for (const PromptPart& part : parts) {
    const auto* slot = std::get_if<ImageSlot>(&part);
    if (!slot || slot->index < pictures) continue;
    return fail(Fault::invalid,
                std::format("{} names picture {}, but {} came with the request", where, slot->index + 1, pictures));
  }
  return {};
}

Result<void> check_slots(const Request& request) {
  if (request.prompt) return check_slots(request.prompt->parts, request.sources.size(), "the prompt");
  for (const Message& message : request.messages) {
    if (auto valid = check_slots(message.parts, request.sources.size(), "a message"); !valid) return valid;
  }
  return {};
}

// Numbers the requests of the process: pipelines may share an engine.
std::uint64_t next_request() {
  static std::atomic<std::uint64_t> requests = 0;
  return ++requests;
}

}  // namespace

RequestRun::RequestRun(Pipeline& pipeline, const Request& request, const Listener& listener, std::stop_token stop)
    : pipeline_(pipeline),
      engine_(pipeline.engine_),
      request_(request),
      deadline_(pipeline.deadlines_, std::move(stop), request.timeout_ms),
      context_{.request = request,
               .listener = listener,
               .scope = scope_of(request.tenant, request.group, request.cache_salt),
               .caller = {std::hash<std::string>()(request.tenant), next_request(), deadline_.token()}},
      response_{.cache = request.cache,
                .no_cache_read = request.no_cache_read,
                .scope = context_.scope,
                .limits = {.stop = context_.caller.stop, .deadline = {}}} {}

Result<Answer> RequestRun::answer() {
  if (auto accepted = engine_.accepts(request_.options); !accepted) return std::unexpected(accepted.error());
  if (auto opened = open_images(); !opened) return std::unexpected(opened.error());
  Semaphore::Permit permit;
  if (auto compared = compare_frames(permit); !compared) return failed(compared.error());
  if (auto named = name_response(); !named) return std::unexpected(named.error());
  if (pipeline_.responses_.find(response_, *this, context_.report)) return finish({});
  if (request_.cache.only_stored) return ResponseLevel::not_stored(context_.report);
  if (!permit) permit = pipeline_.computing_.try_acquire();
  if (!permit) return no_permit();
  const auto answered = pipeline_.responses_.compute(response_, *this, context_.report, context_.caller.stop);
  if (answered && slot_ && !takes_purged()) pipeline_.prefixes_.store(context_, prefix_, *slot_);
  slot_.reset();
  return finish(answered);
}

Result<RequestReport> RequestRun::warm() {
  if (auto opened = open_images(); !opened) return std::unexpected(opened.error());
  if (context_.listener.on_start) context_.listener.on_start(context_.report);
  const Semaphore::Permit permit = pipeline_.computing_.try_acquire();
  if (!permit) return no_permit();
  for (std::size_t i = 0; i < images_.size(); ++i) {
    const auto made = pipeline_.embeddings_.find_or_encode(context_, images_[i], context_.report.images[i]);
    if (!made) return failed(made.error());
  }
  context_.report.times.total_ms = since_start_.elapsed_ms();
  return std::move(context_.report);
}

Result<LaidOut> RequestRun::laid_out(Overlong overlong) {
  if (auto opened = open_images(); !opened) return failed(opened.error());
  if (auto laid_out = lay_out(overlong); !laid_out) return std::unexpected(laid_out.error());
  return LaidOut{.prompt = std::move(*prompt_),
                 .layout = std::move(layout_),
                 .image_keys = std::move(image_keys_),
                 .image_sizes = image_sizes()};
}

Result<void> RequestRun::compute() {
  if (context_.caller.stop.stop_requested()) return fail(Fault::cancelled, "stopped before the request was computed");
  if (auto laid_out = lay_out(Overlong::refused); !laid_out) return laid_out;
  prefix_ = pipeline_.prefixes_.find(context_, *layout_, images_);
  const auto embed = [&](std::size_t cached_items) {
    return pipeline_.embeddings_.find_or_encode(context_, *layout_, cached_items, images_, embeddings_);
  };
  if (auto embedded = embed(prefix_.stored_items); !embedded) return embedded;
  if (auto acquired = acquire_slot(); !acquired) return acquired;
  pipeline_.prefixes_.restore(context_, prefix_, *slot_);
  // A state that was found need not be whole.
  if (auto embedded = embed(slot_->cached_items()); !embedded) return embedded;
  if (pipeline_.frames_) pipeline_.frames_->remember(images_);
  pipeline_.embeddings_.count_unneeded(context_, images_, embeddings_);
  if (auto prefilled = prefill(); !prefilled) return prefilled;
  if (context_.listener.on_start) context_.listener.on_start(context_.report);
  if (auto generated = generate(); !generated) return generated;
  const Timed timed(context_.report.times.score_ms);
  context_.report.importance = importance_of(attention_);
  if (request_.attention) answer_.attention = attention_of(attention_, tile_places());
  return {};
}

Result<void> RequestRun::open_images() {
  if (auto valid = check_slots(request_); !valid) return valid;
  std::uint64_t kept_pixels = 0;
  const Timed timed(context_.report.times.decode_ms);
  for (const ImageSource& source : request_.sources) {
    auto image = pipeline_.aliases_.open(source, request_.cache.read, request_.cache.write);
    if (!image) return fail(image.error().fault, std::format("{}: {}", source.name, image.error().message));
    context_.report.images.push_back({.image_key = image->image_key,
                                      .width = image->width,
                                      .height = image->height,
                                      .decoded = image->decoded.has_value()});
    if (image->decoded) kept_pixels += std::uint64_t{image->width} * image->height;
    if (kept_pixels > kept_pixels_max) image->decoded.reset();
    image_keys_.push_back(image->image_key);
    images_.push_back(std::move(*image));
  }
  identities_ = image_keys_;
  note_made_from();
  return {};
}

// Takes near frames for what they are near to. A request that will be refused is not compared, since that
// takes far longer than laying it out. Pixels and preprocessed tiles are kept of one that is compared, so it
// has the permit of one that computes from here on; where there is none, it is exact.
Result<void> RequestRun::compare_frames(Semaphore::Permit& permit) {
  if (!pipeline_.frames_) return {};
  Bypass bypass = pipeline_.frames_->bypass(context_, images_);
  if (bypass == Bypass::none && !lay_out(Overlong::refused)) bypass = Bypass::not_computable;
  if (bypass == Bypass::none) {
    permit = pipeline_.computing_.try_acquire();
    if (!permit) bypass = Bypass::busy;
  }
  context_.report.frames = FramesReport{.bypass = bypass};
  if (bypass != Bypass::none) return {};
  purges_compared_ = pipeline_.frames_->purges();
  if (auto compared = pipeline_.frames_->compare(context_, images_); !compared) return compared;
  identities_.clear();
  for (const RequestImage& image : images_) identities_.push_back(image.identity());
  note_made_from();
  return {};
}

void RequestRun::note_made_from() {
  made_from_ = {};
  for (const RequestImage& image : images_) made_from_.add(image.made_from());
  labels_ = made_from_.labels();
  response_.image_keys = labels_;
}

// Whether something of its tenant's was purged since the comparison: the request may have taken tiles of it.
// What it makes of them is its own then, and not stored.
bool RequestRun::takes_purged() const {
  const auto takes = [](const RequestImage& image) { return image.compared && !image.compared->taken_from.empty(); };
  return std::ranges::any_of(images_, takes) &&
         pipeline_.frames_->purged_since(purges_compared_, context_.scope.tenant);
}

// Names the answer where the response level is used. A request that is known has a prompt that could be
// rendered, and which response key it leads to: rendering waits until the answer turns out not to be stored.
Result<void> RequestRun::name_response() {
  RequestReport& report = context_.report;
  report.response_bypass = pipeline_.responses_.bypass(request_.cache, request_.options.deterministic());
  if (report.response_bypass != Bypass::none) return render();
  std::optional<Key> request;
  if (!request_.prompt) {
    const Timed timed(report.times.lookup_ms);
    request = request_key(context_.scope.name, engine_, request_, identities_);
    if (request_.cache.read) response_.key = pipeline_.known_.find(*request);
  }
  if (!response_.key) {
    if (auto rendered = render(); !rendered) return rendered;
    const Timed timed(report.times.lookup_ms);
    response_.key = response_key(context_.scope.name, engine_, *prompt_, identities_, request_.options);
    if (request && request_.cache.write) pipeline_.known_.add(*request, *response_.key);
  }
  response_.flight = *response_.key;
  return {};
}

// Once; later calls find it done.
Result<void> RequestRun::render() {
  if (prompt_) return {};
  const Timed timed(context_.report.times.lookup_ms);
  auto prompt = pipeline_.render(request_);
  if (!prompt) return std::unexpected(prompt.error());
  prompt_ = std::move(*prompt);
  return {};
}

// Once; later calls find it done.
Result<void> RequestRun::lay_out(Overlong overlong) {
  if (layout_) return {};
  if (auto rendered = render(); !rendered) return rendered;
  const Timed timed(context_.report.times.lookup_ms);
  auto layout = engine_.lay_out(*prompt_, image_sizes(), overlong);
  if (!layout) return std::unexpected(layout.error());
  layout_ = std::move(*layout);
  context_.report.prompt_tokens = static_cast<std::int32_t>(layout_->tokens());
  context_.report.image_tokens = static_cast<std::int32_t>(layout_->image_tokens());
  return {};
}

std::vector<ImageSize> RequestRun::image_sizes() const {
  std::vector<ImageSize> sizes;
  for (const RequestImage& image : images_) sizes.push_back({image.width, image.height});
  return sizes;
}

Result<void> RequestRun::acquire_slot() {
  const Stopwatch waiting;
  auto slot = engine_.acquire_slot(*layout_, prefix_.hashes, request_.options.max_tokens, context_.caller);
  context_.report.times.wait_ms += waiting.elapsed_ms();
  if (!slot) return std::unexpected(slot.error());
  slot_ = std::move(*slot);
  return {};
}

Result<void> RequestRun::prefill() {
  const Timed timed(context_.report.times.prefill_ms);
  return slot_->prefill(embeddings_, engine_.has_attention() ? &attention_ : nullptr);
}

// What the client expects, then what was said about the same images.
std::vector<DraftText> RequestRun::draft_texts() {
  std::vector<DraftText> texts;
  if (!engine_.draft_obstacle().empty()) return texts;
  if (!request_.prediction.empty()) {
    const std::string_view begin = std::string_view(request_.prediction).substr(0, prediction_bytes_max);
    texts.push_back({.tokens = engine_.tokenize(begin, false, false), .prediction = true});
  }
  if (!request_.cache.read) return texts;
  for (auto& tokens : pipeline_.earlier_.find(context_.scope, identities_))
    texts.push_back({.tokens = std::move(tokens)});
  return texts;
}

Result<void> RequestRun::generate() {
  const Timed timed(context_.report.times.generate_ms);
  const Listener& listener = context_.listener;
  const std::uint64_t purges = pipeline_.earlier_.purges();
  slot_->draft_from(draft_texts());
  std::vector<std::int32_t> tokens;
  const TokenCallback on_token = [&](const Token& token, std::string_view text) {
    if (token.id >= 0 && tokens.size() < EarlierAnswers::tokens_max) tokens.push_back(token.id);
    if (listener.on_token) listener.on_token(token, text);
    if (listener.on_text && !text.empty()) listener.on_text(text);
  };
  auto generation = slot_->generate(request_.options, on_token);
  if (!generation) return std::unexpected(generation.error());
  if (request_.cache.write && engine_.draft_obstacle().empty() && !takes_purged())
    pipeline_.earlier_.add(context_.scope, identities_, labels_, std::move(tokens), purges);
  context_.report.drafts = generation->drafts;
  context_.report.predicted = generation->predicted;
  answer_ = {.text = std::move(generation->text),
             .prompt_tokens = context_.report.prompt_tokens,
             .image_tokens = context_.report.image_tokens,
             .answer_tokens = generation->tokens,
             .finish_reason = generation->finish_reason,
             .stop = std::move(generation->stop)};
  return {};
}

// Of each image, as far as the engine can tell.
std::vector<std::vector<TilePlace>> RequestRun::tile_places() {
  std::vector<std::vector<TilePlace>> places;
  for (const RequestImage& image : images_)
    places.push_back(
        engine_.tile_places(image.width, image.height, context_.caller).value_or(std::vector<TilePlace>()));
  return places;
}

bool RequestRun::accept(const Record& stored) {
  auto response = StoredResponse::from_payload(stored.payload);
  if (!response) return false;
  answer_ = {.text = std::move(response->text),
             .prompt_tokens = response->prompt_tokens,
             .image_tokens = response->image_tokens,
             .answer_tokens = response->answer_tokens,
             .finish_reason = response->finish_reason,
             .stop = std::move(response->stop)};
  context_.report.prompt_tokens = answer_.prompt_tokens;
  context_.report.image_tokens = answer_.image_tokens;
  return true;
}

void RequestRun::replay() {
  if (context_.listener.on_start) context_.listener.on_start(context_.report);
  if (context_.listener.on_text) context_.listener.on_text(answer_.text);
}

// Its cost is that of everything that went into it, so that what a hit saves is measured against computing it
// all again.
Result<Blob> RequestRun::record() {
  if (takes_purged()) return Blob();
  const StoredResponse response{answer_.text,          answer_.prompt_tokens, answer_.image_tokens,
                                answer_.answer_tokens, answer_.finish_reason, identities_,
                                answer_.stop};
  RecordHeader header{.kind = RecordKind::response,
                      .scope = context_.scope.id,
                      .cost_ms = context_.parts_cost_ms + slot_->spent_ms(),
                      .made_unix_ms = unix_time_ms(),
                      .shape = {0, 0, 0, made_from_.unnamed()}};
  header.importance = context_.report.importance.value_or(header.importance);
  return encode_record(header, response.payload().written());
}

std::unexpected<Error> RequestRun::no_permit() const {
  return fail(Fault::unavailable, std::format("{} requests are being answered or wait already: ask again later",
                                              pipeline_.options_.requests_max));
}

// What the deadline cancelled has timed out.
std::unexpected<Error> RequestRun::failed(const Error& error) const {
  if (error.fault != Fault::cancelled || !deadline_.passed()) return std::unexpected(error);
  return fail(Fault::timed_out, std::format("not answered within {:.0f} ms", *request_.timeout_ms));
}

Result<Answer> RequestRun::finish(const Result<void>& answered) {
  if (!answered) return failed(answered.error());
  context_.report.times.total_ms = since_start_.elapsed_ms();
  tell_prefetcher();
  answer_.report = std::move(context_.report);
  return std::move(answer_);
}

void RequestRun::tell_prefetcher() const {
  if (!pipeline_.prefetcher_ || !request_.session || !request_.cache.read || images_.empty()) return;
  pipeline_.prefetcher_->asked(asked_pictures({.context = context_,
                                               .image_keys = identities_,
                                               .vision_fingerprint = engine_.vision_fingerprint(),
                                               .layout = layout_.get(),
                                               .prefix = prefix_,
                                               .began_ms = Clock::steady().now_ms() - since_start_.elapsed_ms()}));
}

}  // namespace fovea
