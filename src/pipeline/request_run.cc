#include "pipeline/request_run.h"

#include <atomic>
#include <format>
#include <functional>
#include <utility>

#include "engine/prefix_hash.h"
#include "pipeline/keys.h"
#include "pipeline/stored_response.h"
#include "pipeline/timed.h"

namespace fovea {

namespace {

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

// Why the prefix level is not asked, or empty if it is.
std::string prefix_bypass(const Request& request, bool kept) {
  if (!kept) return "the prefix cache is off";
  if (!request.cache.read && !request.cache.write) return "the request asked for no cache";
  // What the decoder holds is read and written in one.
  if (!request.cache.read) return "the request asked not to read the cache";
  if (!request.cache.write) return "the request asked not to write the cache";
  return {};
}

// Two tenants have a scope in common only as one group: that of a group or a salt is a hash, which no tenant is called.
std::string scope_of(const Request& request) {
  if (request.group.empty() && request.cache_salt.empty()) return request.tenant;
  KeyBuilder scope("fovea/scope/1");
  scope.field(!request.group.empty()).field(request.group.empty() ? request.tenant : request.group);
  return scope.field(request.cache_salt).finish().hex();
}

// Numbers the requests of the process: pipelines may share an engine.
std::uint64_t next_request() {
  static std::atomic<std::uint64_t> requests = 0;
  return ++requests;
}

}  // namespace

RequestRun::RequestRun(Pipeline& pipeline, const Request& request, const Listener& listener, std::stop_token stop)
    : pipeline_(pipeline),
      request_(request),
      listener_(listener),
      deadline_(pipeline.deadlines_, std::move(stop), request.timeout_ms),
      caller_{std::hash<std::string>()(request.tenant), next_request(), deadline_.token()},
      scope_(scope_of(request)),
      tenant_(tenant_number(request.tenant)) {}

Result<Answer> RequestRun::run() {
  if (auto accepted = pipeline_.engine_.accepts(request_.options); !accepted) return std::unexpected(accepted.error());
  if (auto opened = open_pictures(); !opened) return std::unexpected(opened.error());
  if (auto rendered = render(); !rendered) return std::unexpected(rendered.error());
  if (auto stored = stored_answer()) return finish(std::move(*stored));
  const Semaphore::Permit permit = pipeline_.computing_.try_acquire();
  if (!permit) return no_place();
  auto answer = coalesce();
  if (answer && slot_) keep_prefixes();
  slot_.reset();
  return finish(std::move(answer));
}

// Only the pictures' embeddings, found or made.
Result<void> RequestRun::run_pictures() {
  if (auto opened = open_pictures(); !opened) return opened;
  if (listener_.on_start) listener_.on_start(report_);
  const Semaphore::Permit permit = pipeline_.computing_.try_acquire();
  if (!permit) return no_place();
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    if (auto made = embed(pictures_[i], report_.images[i]); !made) return std::unexpected(made.error());
  }
  return {};
}

std::unexpected<Error> RequestRun::no_place() const {
  return fail(Fault::unavailable, std::format("{} requests are being answered or wait already: ask again later",
                                              pipeline_.options_.requests_max));
}

// A request of many large pictures would hold gigabytes of pixels until it is their turn: beyond these, they are decoded again.
constexpr std::uint64_t kept_pixels_max = 16'000'000;  // 48 MB

Result<void> RequestRun::open_pictures() {
  if (auto valid = check_slots(request_); !valid) return valid;
  std::uint64_t kept_pixels = 0;
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
    if (picture->image) kept_pixels += std::uint64_t{picture->width} * picture->height;
    if (kept_pixels > kept_pixels_max) picture->image.reset();
    pictures_.push_back(std::move(*picture));
  }
  return {};
}

Result<void> RequestRun::render() {
  const Timed timed(report_.times.lookup_ms);
  std::vector<Message> moved;
  if (pipeline_.options_.image_order != ImageOrder::as_sent) {
    for (const Message& message : request_.messages) moved.push_back(in_order(message, pipeline_.options_.image_order));
  }
  auto prompt = pipeline_.engine_.render(moved.empty() ? request_.messages : moved);
  if (!prompt) return std::unexpected(prompt.error());
  prompt_ = std::move(*prompt);
  report_.response_bypass = response_bypass(request_, pipeline_.keeps_responses());
  if (!report_.response_bypass.empty()) return {};
  std::vector<Key> image_keys;
  for (const RequestImage& picture : pictures_) image_keys.push_back(picture.image_key);
  response_key_ = response_key(scope_, pipeline_.engine_, prompt_, image_keys, request_.options);
  return {};
}

std::optional<Answer> RequestRun::stored_answer() {
  if (!response_key_) return std::nullopt;
  if (!request_.cache.read) {
    report_.response_bypass = "the request asked not to read the cache";
    return std::nullopt;
  }
  if (request_.no_cache_read) {
    report_.response_bypass = "the request wants its answer computed afresh";
    return std::nullopt;
  }
  const Timed timed(report_.times.lookup_ms);
  report_.response = Outcome::miss;
  const auto hit = pipeline_.responses_.find(*response_key_);
  if (!hit) return std::nullopt;
  const auto stored = StoredResponse::from_blob(hit->value);
  if (!stored || too_old(*stored)) return std::nullopt;
  report_.saved_ms += hit->cost_ms;
  report_.lookups.push_back({TraceLevel::response, *response_key_, Outcome::hit, hit->value.size(), hit->cost_ms,
                             pipeline_.responses_.importance(*response_key_)});
  pipeline_.coherence_.accessed(*response_key_);
  return replay(*stored);
}

// Seconds since it was made; 0 where the clock was set back.
double RequestRun::age_s(const StoredResponse& response) {
  return std::max(0.0, unix_time_ms() / 1000 - response.made_unix_s);
}

bool RequestRun::too_old(const StoredResponse& response) const {
  return request_.cache.age_max_s && age_s(response) > *request_.cache.age_max_s;
}

// The answer that was computed before.
Answer RequestRun::replay(const StoredResponse& response) {
  report_.response = Outcome::hit;
  report_.response_age_s = age_s(response);
  report_.prefix_bypass = report_.embedding_bypass = "the whole answer was stored";
  if (listener_.on_start) listener_.on_start(report_);
  if (listener_.on_text) listener_.on_text(response.text);
  return Answer{.text = response.text,
                .prompt_tokens = response.prompt_tokens,
                .answer_tokens = response.answer_tokens,
                .finish_reason = response.finish_reason};
}

Result<void> RequestRun::lay_out() {
  const Timed timed(report_.times.lookup_ms);
  std::vector<ImageSize> sizes;
  std::vector<Key> image_keys;
  for (const RequestImage& picture : pictures_) {
    sizes.push_back({picture.width, picture.height});
    image_keys.push_back(picture.image_key);
  }
  auto layout = pipeline_.engine_.lay_out(prompt_, sizes);
  if (!layout) return std::unexpected(layout.error());
  layout_ = std::move(*layout);
  report_.prefix_bypass = prefix_bypass(request_, pipeline_.keeps_prefixes());
  if (report_.prefix_bypass.empty())
    prefix_hashes_ = hash_prefixes(prefix_root(scope_, pipeline_.engine_), layout_->items(), image_keys);
  return {};
}

// Computes the answer, from what the levels and the decoder have of its parts.
Result<Answer> RequestRun::compute() {
  if (caller_.stop.stop_requested()) return fail(Fault::cancelled, "stopped before the request was computed");
  if (auto laid_out = lay_out(); !laid_out) return std::unexpected(laid_out.error());
  const auto prefix = stored_prefix();
  const std::size_t promised = prefix ? prefix->items : 0;
  if (auto embedded = embed_pictures(promised); !embedded) return std::unexpected(embedded.error());
  if (auto seated = acquire_slot(prefix); !seated) return std::unexpected(seated.error());
  // A state that was found need not be whole.
  if (auto embedded = embed_pictures(slot_->cached_items()); !embedded) return std::unexpected(embedded.error());
  count_held();
  AttentionSummary summary;
  {
    const Timed timed(report_.times.prefill_ms);
    auto read = slot_->prefill(embeddings_, pipeline_.engine_.has_attention() ? &summary : nullptr);
    if (!read) return std::unexpected(read.error());
  }
  if (listener_.on_start) listener_.on_start(report_);
  auto generation = generate();
  if (!generation) return std::unexpected(generation.error());
  Answer answer{.text = std::move(generation->text),
                .prompt_tokens = static_cast<std::int32_t>(layout_->tokens()),
                .answer_tokens = generation->tokens,
                .finish_reason = generation->finish_reason};
  const Timed timed(report_.times.score_ms);
  report_.importance = importance_of(summary);
  if (request_.attention) answer.attention = attention_of(summary, tile_places());
  return answer;
}

// Of each picture, as far as the engine can tell.
std::vector<std::vector<TilePlace>> RequestRun::tile_places() {
  std::vector<std::vector<TilePlace>> places;
  for (const RequestImage& picture : pictures_)
    places.push_back(
        pipeline_.engine_.tile_places(picture.width, picture.height, caller_).value_or(std::vector<TilePlace>()));
  return places;
}

Result<Generation> RequestRun::generate() {
  const Timed timed(report_.times.generate_ms);
  const TokenCallback on_token = [&](const Token& token, std::string_view text) {
    if (listener_.on_token) listener_.on_token(token, text);
    if (listener_.on_text && !text.empty()) listener_.on_text(text);
  };
  return slot_->generate(request_.options, on_token);
}

StoredResponse RequestRun::to_be_stored(const Answer& answer) const {
  StoredResponse response{.text = answer.text,
                          .prompt_tokens = answer.prompt_tokens,
                          .answer_tokens = answer.answer_tokens,
                          .finish_reason = answer.finish_reason,
                          .made_unix_s = unix_time_ms() / 1000};
  for (const RequestImage& picture : pictures_) response.image_keys.push_back(picture.image_key);
  return response;
}

// Keeps a complete answer, with the cost of everything that went into it, and tells coherence what it came from.
void RequestRun::store(const Answer& answer) {
  if (!response_key_) return;
  const Timed timed(report_.times.store_ms);
  EntryTerms terms{.cost_ms = parts_cost_ms_ + slot_->spent_ms(), .tenant = tenant_};
  terms.importance = report_.importance.value_or(terms.importance);
  Blob value = to_be_stored(answer).to_blob();
  report_.lookups.insert(report_.lookups.begin(), {TraceLevel::response, *response_key_, report_.response, value.size(),
                                                   terms.cost_ms, report_.importance});
  if (!request_.cache.write) return;
  report_.response_stored = pipeline_.responses_.insert(*response_key_, std::move(value), terms) == Insertion::stored;
  pipeline_.coherence_.stored(*response_key_, terms.importance, embedding_keys_);
}

Result<Answer> RequestRun::finish(Result<Answer> answer) {
  if (!answer) {
    if (answer.error().fault != Fault::cancelled || !deadline_.passed()) return answer;
    return fail(Fault::timed_out, std::format("not answered within {:.0f} ms", *request_.timeout_ms));
  }
  report_.times.total_ms = since_start_.elapsed_ms();
  answer->report = std::move(report_);
  return answer;
}

}  // namespace fovea
