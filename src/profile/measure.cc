// Order: what needs no model first, then each model. The counters are opened before any engine, because they
// count only threads that are started later.
#include "profile/measure.h"

#include <algorithm>
#include <array>
#include <format>
#include <fstream>
#include <span>
#include <utility>

#include "base/clock.h"
#include "profile/decoder_times.h"
#include "profile/device_counters.h"
#include "profile/memory_bandwidth.h"
#include "profile/tier_time.h"
#include "workload/drawn_picture.h"

namespace fovea {

namespace {

constexpr std::array<std::uint32_t, 5> prompt_sizes = {16, 64, 128, 256, 512};
constexpr std::array<std::uint32_t, 4> answers_at_once = {1, 2, 4, 8};
constexpr std::uint32_t tokens_by_threads = 128;  // tokens
constexpr std::size_t quick_numbers = 1 << 16;
constexpr TierLoad quick_tier{.small_values = 4, .large_values = 2, .large_bytes = 1 << 16};
constexpr std::uint32_t batch_prompt_max = 256;

// Lets the kernel count the peak of memory anew. False where it does not: then the peak is the process's.
bool reset_memory_peak() {
  std::ofstream refs("/proc/self/clear_refs");
  refs << "5";
  refs.close();
  return refs.good();
}

// 0 where the system does not tell.
std::uint64_t memory_peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("VmHWM:")) continue;
    std::uint64_t kib = 0;
    for (const char c : line)
      if (c >= '0' && c <= '9') kib = kib * 10 + static_cast<std::uint64_t>(c - '0');
    return kib << 10;
  }
  return 0;
}

std::unexpected<Error> stopped() { return fail(Fault::cancelled, "stopped while measuring"); }

class ModelStudy {
 public:
  ModelStudy(const MeasureInput& input, const ProfiledModel& model, const DeviceCounters& counters,
             std::function<void(std::string_view)> step)
      : input_(input), model_(model), counters_(counters), step_(std::move(step)) {}

  Result<ModelTimes> run() {
    times_.name = model_.name;
    using Step = Result<void> (ModelStudy::*)();
    for (const Step step : {&ModelStudy::alone, &ModelStudy::side_by_side, &ModelStudy::by_threads}) {
      if (auto done = (this->*step)(); !done) return std::unexpected(done.error());
    }
    return std::move(times_);
  }

 private:
  Result<void> open(std::uint32_t threads, std::uint32_t slots) {
    if (input_.load.stop.stop_requested()) return stopped();
    engine_.reset();  // before the next one: two models may not fit into memory
    auto opened = model_.open(threads, slots);
    if (!opened) return std::unexpected(opened.error());
    engine_ = std::move(*opened);
    return {};
  }

  Result<void> alone() {
    step_("loading");
    const bool own_peak = reset_memory_peak();
    const Stopwatch loading;
    if (auto opened = open(0, 1); !opened) return opened;
    times_.load_ms = loading.elapsed_ms();
    times_.vision_fingerprint = engine_->vision_fingerprint().hex();
    times_.text_fingerprint = engine_->text_fingerprint().hex();
    times_.decoder_bytes = engine_->facts().bytes;
    times_.parameters = engine_->facts().parameters;
    times_.context_tokens = engine_->facts().context_tokens;
    if (const std::string& kernels = engine_->facts().kernels; !kernels.empty()) times_.kernels = kernels;
    step_("pictures and answers");
    if (auto load = measure_load(*engine_, input_.load, counters_, times_); !load) return load;
    if (own_peak || &model_ == &input_.models.front()) times_.memory_bytes = memory_peak_bytes();
    step_("prompts");
    auto prefill = measure_prefill(*engine_, prompts(), input_.load.stop);
    if (!prefill) return std::unexpected(prefill.error());
    times_.prefill = std::move(*prefill);
    return {};
  }

  Result<void> side_by_side() {
    step_("answers side by side");
    if (auto opened = open(0, answers_at_once.back()); !opened) return opened;
    const auto prompt = std::min(batch_prompt_max, static_cast<std::uint32_t>(times_.load.prompt_tokens));
    const std::uint32_t room = engine_->facts().context_tokens / answers_at_once.back();
    auto batches = measure_batches(*engine_, answers_at_once, std::min(prompt, room / 4), input_.load.stop);
    if (!batches) return std::unexpected(batches.error());
    times_.batches = std::move(*batches);
    return {};
  }

  Result<void> by_threads() {
    for (const std::uint32_t threads : thread_counts(input_.threads)) {
      step_("threads");
      if (auto opened = open(threads, 1); !opened) return opened;
      ThreadTime time{.threads = threads};
      const auto encode_ms = encode_one();
      if (!encode_ms) return std::unexpected(encode_ms.error());
      time.encode_ms = *encode_ms;
      const std::array prompt = {tokens_by_threads};
      const auto prefill = measure_prefill(*engine_, prompt, input_.load.stop);
      if (!prefill) return std::unexpected(prefill.error());
      time.prefill_ms = prefill->front().ms;
      const std::array one = {1U};
      const auto decode = measure_batches(*engine_, one, tokens_by_threads / 2, input_.load.stop);
      if (!decode) return std::unexpected(decode.error());
      time.decode_ms = decode->front().ms;
      times_.threads.push_back(time);
    }
    return {};
  }

  std::span<const std::uint32_t> prompts() const {
    return input_.quick ? std::span(prompt_sizes).first(1) : std::span(prompt_sizes);
  }

  // A tile of a drawn picture.
  Result<double> encode_one() {
    const Scenario& scenario = input_.load.scenario;
    const auto tiled = engine_->preprocess(draw_scene(input_.load.seed, scenario.width, scenario.height));
    if (!tiled) return std::unexpected(tiled.error());
    return median_of({.times_max = 5, .ms_max = 1500}, [&]() -> Result<double> {
      const auto encoded = engine_->encode(**tiled, 0, {.stop = input_.load.stop});
      return encoded ? Result<double>(encoded->took_ms) : std::unexpected(encoded.error());
    });
  }

  const MeasureInput& input_;
  const ProfiledModel& model_;
  const DeviceCounters& counters_;
  const std::function<void(std::string_view)> step_;
  std::unique_ptr<VisionLanguageEngine> engine_;
  ModelTimes times_;
};

}  // namespace

std::vector<std::uint32_t> thread_counts(std::uint32_t all) {
  std::vector<std::uint32_t> counts = {1, all / 2, all};
  std::erase(counts, 0U);
  std::ranges::sort(counts);
  const auto repeated = std::ranges::unique(counts);
  counts.erase(repeated.begin(), repeated.end());
  return counts;
}

Result<Profile> measure_profile(const MeasureInput& input) {
  const DeviceCounters counters;
  const std::vector<std::uint32_t> threads = thread_counts(input.threads);
  const double steps = static_cast<double>(2 + input.tiers.size() + input.models.size() * (4 + threads.size()));
  double step = 0;
  const auto next = [&](std::string_view what) {
    if (input.progress) input.progress(++step / steps, what);
  };
  Profile profile{.counters = counters.why_not(), .memory = {}, .tiers = {}, .models = {}};
  next("memory");
  for (const std::uint32_t count : threads)
    profile.memory.push_back(measure_bandwidth(count, input.quick ? quick_numbers : triad_numbers));
  for (Tier* tier : input.tiers) {
    if (input.load.stop.stop_requested()) return stopped();
    next(std::format("the {} tier", to_string(tier->kind())));
    auto time = measure_tier(*tier, input.quick ? quick_tier : TierLoad{});
    if (!time) return std::unexpected(time.error());
    profile.tiers.push_back(std::move(*time));
  }
  for (const ProfiledModel& model : input.models) {
    auto times = ModelStudy(input, model, counters, [&](std::string_view what) { next(what); }).run();
    if (!times) return std::unexpected(times.error());
    profile.models.push_back(std::move(*times));
  }
  return profile;
}

}  // namespace fovea
