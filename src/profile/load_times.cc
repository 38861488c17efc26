// All numbers are means over the questions: a request's mean time is the sum of its parts' means, and what
// disturbs single ones here (another program, a processor that sleeps) disturbs single requests as well.
//
// What a request takes besides the parts that are measured here (rendering, keys, hand-over between threads)
// is the rest of a request that a pipeline answers with a cache. A hit is asked for after
// something else was computed, as on a server: its data are in no processor's cache any more.
#include "profile/load_times.h"

#include <algorithm>
#include <format>
#include <numeric>
#include <ranges>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "engine/prefix_hash.h"
#include "image/decode.h"
#include "pipeline/pipeline.h"
#include "workload/picture_set.h"
#include "workload/script.h"

namespace fovea {

namespace {

constexpr std::uint64_t state_bytes_max = std::uint64_t{4} << 30;
constexpr std::size_t arounds_max = 16;  // whole requests of the pipeline

// One request, taken apart.
struct Sample {
  std::uint32_t prompt_tokens = 0, image_tokens = 0;
  std::int32_t answer_tokens = 0, steps = 0;
  double open_ms = 0, preprocess_ms = 0, hash_ms = 0, encode_ms = 0, encode_once_ms = 0;
  double prefill_ms = 0, question_ms = 0, image_prefill_ms = 0, generate_ms = 0;
  std::size_t tiles = 0;
  std::uint64_t tile_bytes = 0;
  std::optional<StateTime> state;
  DeviceUse encoding, decoding;
};

template <typename Number>
double mean(const std::vector<Sample>& samples, Number Sample::* field) {
  double sum = 0;
  for (const Sample& sample : samples) sum += static_cast<double>(sample.*field);
  return sum / static_cast<double>(samples.size());
}
double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

class LoadStudy {
 public:
  LoadStudy(VisionLanguageEngine& engine, const LoadInput& input, const DeviceCounters& counters, PictureSet pictures)
      : engine_(engine),
        input_(input),
        counters_(counters),
        pictures_(std::move(pictures)),
        pipeline_(engine, {.prefix_bytes_max = 0}),
        caller_{.stop = input.stop} {}

  Result<Sample> sample(const ScriptRequest& asked) {
    Sample sample;
    auto request = request_of(asked);
    if (!request) return std::unexpected(request.error());
    const Stopwatch opening;
    const auto image = decode(request->sources.front().bytes.bytes());
    if (!image) return std::unexpected(image.error());
    const Key key = image_key(*image);
    sample.open_ms = opening.elapsed_ms();
    auto embeddings = embeddings_of(*image, sample);
    if (!embeddings) return std::unexpected(embeddings.error());
    const auto prompt = engine_.render(request->messages);
    if (!prompt) return std::unexpected(prompt.error());
    const ImageSize size{image->width, image->height};
    const auto layout = engine_.lay_out(*prompt, std::span(&size, 1));
    if (!layout) return std::unexpected(layout.error());
    if (auto answered = answer(**layout, key, *embeddings, sample); !answered) return std::unexpected(answered.error());
    return sample;
  }

  // What an answer of the pipeline takes besides its parts.
  Result<double> around_ms(const ScriptRequest& asked) {
    const auto report = ask(asked);
    if (!report) return std::unexpected(report.error());
    const StageTimes& times = report->times;
    return std::max(0.0, times.total_ms - times.decode_ms - times.preprocess_ms - times.hash_ms - times.encode_ms -
                             times.prefill_ms - times.generate_ms);
  }
  // The same of a question about its picture that differs by a number, whose embeddings the pipeline has.
  Result<double> known_around_ms(ScriptRequest asked, std::size_t number) {
    for (ScriptPart& part : asked.parts)
      if (auto* text = std::get_if<std::string>(&part)) *text += std::format(" ({})", number);
    return around_ms(asked);
  }
  // An answer that the pipeline has stored.
  Result<double> hit_ms(const ScriptRequest& asked) {
    const auto report = ask(asked);
    return report ? Result<double>(report->times.total_ms) : std::unexpected(report.error());
  }

 private:
  Result<RequestReport> ask(const ScriptRequest& asked) {
    auto request = request_of(asked);
    if (!request) return std::unexpected(request.error());
    auto answer = pipeline_.answer(*request, {}, input_.stop);
    if (!answer) return std::unexpected(answer.error());
    return std::move(answer->report);
  }

  Result<Request> request_of(const ScriptRequest& asked) {
    Request request;
    if (!input_.scenario.system.empty()) request.messages.push_back({"system", {input_.scenario.system}, {}, {}});
    Message user{"user", {}, {}, {}};
    for (const ScriptPart& part : asked.parts) {
      if (const auto* text = std::get_if<std::string>(&part)) {
        user.parts.emplace_back(*text);
        continue;
      }
      auto bytes = pictures_.get(std::get<PictureName>(part));
      if (!bytes) return std::unexpected(bytes.error());
      user.parts.emplace_back(ImageSlot{request.sources.size()});
      request.sources.push_back({std::move(*bytes), "a picture of the load", nullptr, 0});
    }
    request.messages.push_back(std::move(user));
    request.options.max_tokens = input_.scenario.max_tokens;
    return request;
  }

  Result<std::vector<Blob>> embeddings_of(const DecodedImage& image, Sample& sample) {
    const Stopwatch preprocessing;
    const auto tiled = engine_.preprocess(image);
    if (!tiled) return std::unexpected(tiled.error());
    sample.preprocess_ms = preprocessing.elapsed_ms();
    sample.tiles = (*tiled)->tile_count();
    std::vector<Key> inputs;
    const Stopwatch hashing;
    for (std::size_t i = 0; i < sample.tiles; ++i) {
      const auto input = engine_.tile_input(**tiled, i, caller_);
      if (!input) return std::unexpected(input.error());
      inputs.push_back(*input);
    }
    sample.hash_ms = hashing.elapsed_ms();
    std::vector<Blob> embeddings;
    const auto before = counters_.read();
    for (std::size_t i = 0; i < sample.tiles; ++i) {
      auto encoded = engine_.encode(**tiled, i, caller_);
      if (!encoded) return std::unexpected(encoded.error());
      sample.encode_ms += encoded->took_ms;
      if (std::ranges::find(inputs, inputs[i]) == inputs.begin() + static_cast<std::ptrdiff_t>(i))
        sample.encode_once_ms += encoded->took_ms;
      sample.tile_bytes += encoded->embedding.size();
      embeddings.push_back(std::move(encoded->embedding));
    }
    sample.encoding = use_between(before, counters_.read());
    sample.tile_bytes /= std::max<std::size_t>(sample.tiles, 1);
    return embeddings;
  }

  // The prompt and the answer; then the state behind the picture is copied, and the question read behind it.
  Result<void> answer(const PromptLayout& layout, const Key& key, const std::vector<Blob>& embeddings, Sample& sample) {
    sample.prompt_tokens = layout.tokens();
    sample.image_tokens = layout.image_tokens();
    const std::size_t behind = layout.items_with_pictures();
    std::optional<Blob> state;
    double cost_ms = 0;
    {
      const auto slot = engine_.acquire_slot(layout, hashes(layout, key), input_.scenario.max_tokens, caller_);
      if (!slot) return std::unexpected(slot.error());
      (*slot)->keep_state(behind, state_bytes_max);
      const Stopwatch prefilling;
      if (auto prefilled = (*slot)->prefill(std::span(&embeddings, 1), nullptr); !prefilled) return prefilled;
      sample.prefill_ms = prefilling.elapsed_ms();
      cost_ms = (*slot)->cost_ms(behind);
      sample.image_prefill_ms =
          tile_prefill_ms(layout, **slot) / static_cast<double>(std::max<std::size_t>(sample.tiles, 1));
      const auto before = counters_.read();
      const Stopwatch generating;
      const auto generation = (*slot)->generate({.max_tokens = input_.scenario.max_tokens}, {});
      const double generated_ms = generating.elapsed_ms();
      if (!generation) return std::unexpected(generation.error());
      sample.decoding = use_between(before, counters_.read());
      sample.answer_tokens = generation->tokens;
      // The first token comes with the prompt; one that ends an answer takes a step, too.
      sample.steps = std::max(generation->tokens - (generation->finish_reason == FinishReason::length ? 1 : 0), 0);
      sample.generate_ms = generated_ms;
      const Stopwatch copying;
      state = (*slot)->snapshot(behind, state_bytes_max);
      if (state) sample.state = StateTime{state->size(), layout.tokens(behind), copying.elapsed_ms(), 0};
    }
    return state ? go_on(layout, key, *state, cost_ms, embeddings, sample) : Result<void>();
  }

  // In a slot that holds nothing of it.
  Result<void> go_on(const PromptLayout& layout, const Key& key, const Blob& state, double cost_ms,
                     const std::vector<Blob>& embeddings, Sample& sample) {
    const std::size_t behind = layout.items_with_pictures();
    const auto slot = engine_.acquire_slot(layout, hashes(layout, key), 1, caller_);
    if (!slot) return std::unexpected(slot.error());
    const Stopwatch copying;
    if (!(*slot)->restore(behind, state, cost_ms))
      return fail(Fault::internal, "a state that was saved is not taken back");
    sample.state->in_ms = copying.elapsed_ms();
    const Stopwatch prefilling;
    if (auto prefilled = (*slot)->prefill(std::span(&embeddings, 1), nullptr); !prefilled) return prefilled;
    sample.question_ms = prefilling.elapsed_ms();
    return {};
  }

  // Names the prefixes, so that the slot keeps what they cost. No other prompt has these.
  std::vector<Key> hashes(const PromptLayout& layout, const Key& key) {
    const Key root = KeyBuilder("fovea/profile-prompt/1").field(++prompts_).finish();
    return hash_prefixes(root, layout.items(), std::span(&key, 1));
  }

  static double tile_prefill_ms(const PromptLayout& layout, const Slot& slot) {
    double ms = 0;
    for (std::size_t i = 0; i < layout.items_with_pictures(); ++i)
      if (layout.items()[i].tile) ms += slot.cost_ms(i + 1) - slot.cost_ms(i);
    return ms;
  }

  VisionLanguageEngine& engine_;
  const LoadInput& input_;
  const DeviceCounters& counters_;
  PictureSet pictures_;
  Pipeline pipeline_;
  const Caller caller_;
  int prompts_ = 0;
};

// Of the one in the middle by processors: counts of one sample belong together.
DeviceUse middle(std::vector<DeviceUse> uses) {
  std::ranges::sort(uses, {}, &DeviceUse::processors);
  return uses[uses.size() / 2];
}

std::optional<StateTime> state_of(const std::vector<Sample>& samples) {
  if (!samples.front().state) return std::nullopt;
  StateTime state = *samples.front().state;
  std::vector<double> out, in;
  for (const Sample& sample : samples)
    if (sample.state) out.push_back(sample.state->out_ms), in.push_back(sample.state->in_ms);
  state.out_ms = fovea::median(out);
  state.in_ms = fovea::median(in);
  return state;
}

void sum_up(const std::vector<Sample>& samples, ModelTimes& model) {
  LoadTimes& load = model.load;
  load.prompt_tokens = mean(samples, &Sample::prompt_tokens);
  load.image_tokens = mean(samples, &Sample::image_tokens);
  load.answer_tokens = mean(samples, &Sample::answer_tokens);
  load.steps = mean(samples, &Sample::steps);
  load.open_ms = mean(samples, &Sample::open_ms);
  load.preprocess_ms = mean(samples, &Sample::preprocess_ms);
  load.hash_ms = mean(samples, &Sample::hash_ms);
  load.encode_ms = mean(samples, &Sample::encode_ms);
  load.encode_once_ms = mean(samples, &Sample::encode_once_ms);
  load.generate_ms = mean(samples, &Sample::generate_ms);
  load.prefill_ms = mean(samples, &Sample::prefill_ms);
  load.question_ms = mean(samples, &Sample::question_ms);
  model.tiles = static_cast<std::uint32_t>(samples.front().tiles);
  model.tile_bytes = samples.front().tile_bytes;
  model.encode_ms = load.encode_ms / std::max(1U, model.tiles);
  model.image_prefill_ms = mean(samples, &Sample::image_prefill_ms);
  model.state = state_of(samples);
  model.encoding = middle(std::ranges::to<std::vector>(samples | std::views::transform(&Sample::encoding)));
  model.decoding = middle(std::ranges::to<std::vector>(samples | std::views::transform(&Sample::decoding)));
}

}  // namespace

Result<void> measure_load(VisionLanguageEngine& engine, const LoadInput& input, const DeviceCounters& counters,
                          ModelTimes& model) {
  check(!input.questions.empty(), "a load needs questions");
  const Scenario& scenario = input.scenario;
  auto pictures =
      PictureSet::open({.seed = input.seed, .width = scenario.width, .height = scenario.height, .folder = {}});
  if (!pictures) return std::unexpected(pictures.error());
  const Script script = make_script(scenario, input.seed, input.questions);
  LoadStudy study(engine, input, counters, std::move(*pictures));
  model.load = {.width = scenario.width, .height = scenario.height};
  // The first request does some work that no other does, so it counts only where it is the only one.
  auto around = study.around_ms(script.warm_up);
  if (!around) return std::unexpected(around.error());
  std::vector<double> arounds, known_arounds, hits;
  std::vector<Sample> samples;
  const Stopwatch watch;
  for (const ScriptRequest& request : script.requests) {
    if (request.kind != RequestKind::fresh) continue;
    const bool in_time = watch.elapsed_ms() < input.repeats.ms_max;
    if (samples.size() >= input.repeats.times_max || (!samples.empty() && !in_time)) break;
    const auto sample = study.sample(request);
    if (!sample) return std::unexpected(sample.error());
    samples.push_back(*sample);
    const auto hit = study.hit_ms(script.warm_up);
    if (!hit) return std::unexpected(hit.error());
    hits.push_back(*hit);
    const auto known = study.known_around_ms(script.warm_up, samples.size());
    if (!known) return std::unexpected(known.error());
    known_arounds.push_back(*known);
    if (arounds.size() >= arounds_max || watch.elapsed_ms() > input.repeats.ms_max / 2) continue;
    if (around = study.around_ms(request); !around) return std::unexpected(around.error());
    arounds.push_back(*around);
  }
  if (samples.empty())
    return fail(Fault::invalid, std::format("scenario {} asks about no picture", scenario.workload.name));
  sum_up(samples, model);
  model.load.around_ms = arounds.empty() ? *around : mean(arounds);
  model.load.known_around_ms = mean(known_arounds);
  model.load.hit_ms = mean(hits);
  model.state_obstacle = model.state ? "" : std::string(engine.prefix_obstacle());
  model.width = engine.embedding_width();
  return {};
}

}  // namespace fovea
