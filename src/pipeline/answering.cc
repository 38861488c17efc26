#include "pipeline/answering.h"

#include <format>
#include <utility>

#include "engine/prefix_chain.h"
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
  report_.prefix_bypass = report_.embedding_bypass = "the whole answer was stored";
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

Answer Answering::finish(Answer answer) {
  report_.times.total_ms = since_start_.elapsed_ms();
  answer.report = std::move(report_);
  return answer;
}

}  // namespace fovea
