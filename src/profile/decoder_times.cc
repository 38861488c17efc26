// Answers must not end, and must go on side by side: one token is biased so much that it always comes, and
// every answer waits until all prompts are prefilled. The gaps between the tokens of the first answer are the
// steps; those at the beginning and at the end, when not all answers are there, are left out.
#include "profile/decoder_times.h"

#include <algorithm>
#include <barrier>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "profile/repeat.h"

namespace fovea {

namespace {

constexpr std::int32_t answer_tokens = 24;  // a step's median is the same with more
constexpr double bias_always = 100;
constexpr std::uint32_t longer_by_max = 128;  // than wanted: a prompt is made longer by tens of tokens at a time

// Text of about so many tokens. `number` begins it, so that no two prompts begin alike.
Result<std::unique_ptr<PromptLayout>> text_prompt(VisionLanguageEngine& engine, std::uint32_t tokens,
                                                  std::uint32_t number) {
  std::string text = std::to_string(number);
  for (;;) {
    for (int i = 0; i < 4; ++i) text += " what is in the picture";
    auto layout = engine.lay_out(Prompt{{text}}, {});
    if (!layout || (*layout)->tokens() >= tokens) return layout;
  }
}

// An answer of answer_tokens, whatever the model would say.
GenerateOptions endless(const VisionLanguageEngine& engine) {
  GenerateOptions options{.max_tokens = answer_tokens};
  const auto tokens = engine.tokenize("a", false, false);
  if (!tokens.empty()) options.logit_bias.push_back({tokens.back(), bias_always});
  return options;
}

class Answers {
 public:
  Answers(VisionLanguageEngine& engine, std::uint32_t count, std::uint32_t prompt_tokens, std::stop_token stop)
      : engine_(engine), prompt_tokens_(prompt_tokens), stop_(std::move(stop)), all_prefilled_(count), faults_(count) {}

  // The median step.
  Result<double> run() {
    {
      std::vector<std::jthread> threads;
      for (std::uint32_t i = 0; i < faults_.size(); ++i)
        threads.emplace_back([this, i] {
          if (const auto answered = answer(i); !answered) faults_[i] = answered.error();
        });
    }
    for (const auto& fault : faults_)
      if (fault) return std::unexpected(*fault);
    std::vector<double> gaps;
    const std::size_t edge = times_.size() / 4;
    for (std::size_t i = edge + 1; i + edge < times_.size(); ++i) gaps.push_back(times_[i] - times_[i - 1]);
    if (gaps.empty()) return fail(Fault::internal, "the model ended an answer that it was to go on with");
    return median(std::move(gaps));
  }

 private:
  Result<void> answer(std::uint32_t number) {
    auto slot = prefilled(number);
    if (!slot) {
      all_prefilled_.arrive_and_drop();
      return std::unexpected(slot.error());
    }
    all_prefilled_.arrive_and_wait();
    const TokenCallback note_time = [&](const Token&, std::string_view) {
      if (number == 0) times_.push_back(Clock::steady().now_ms());
    };
    const auto generation = slot->second->generate(endless(engine_), note_time);
    return generation ? Result<void>() : std::unexpected(generation.error());
  }

  Result<std::pair<std::unique_ptr<PromptLayout>, std::unique_ptr<Slot>>> prefilled(std::uint32_t number) {
    auto prompt = text_prompt(engine_, prompt_tokens_, number);
    if (!prompt) return std::unexpected(prompt.error());
    auto slot = engine_.acquire_slot(**prompt, {}, answer_tokens, {.request = number, .stop = stop_});
    if (!slot) return std::unexpected(slot.error());
    if (auto done = (*slot)->prefill({}, nullptr); !done) return std::unexpected(done.error());
    return std::pair(std::move(*prompt), std::move(*slot));
  }

  VisionLanguageEngine& engine_;
  const std::uint32_t prompt_tokens_;
  const std::stop_token stop_;
  std::barrier<> all_prefilled_;
  std::vector<std::optional<Error>> faults_;  // by answer
  std::vector<double> times_;                 // of the first answer's tokens; written on the engine's thread
};

Result<double> prefill_once(VisionLanguageEngine& engine, const PromptLayout& layout, const std::stop_token& stop) {
  const auto slot = engine.acquire_slot(layout, {}, 1, {.stop = stop});
  if (!slot) return std::unexpected(slot.error());
  const Stopwatch watch;
  if (auto done = (*slot)->prefill({}, nullptr); !done) return std::unexpected(done.error());
  return watch.elapsed_ms();
}

}  // namespace

Result<std::vector<BatchTime>> measure_prefill(VisionLanguageEngine& engine, std::span<const std::uint32_t> tokens,
                                               const std::stop_token& stop) {
  std::vector<BatchTime> times;
  for (const std::uint32_t wanted : tokens) {
    if (wanted + longer_by_max > engine.facts().context_tokens && !times.empty()) continue;
    const auto prompt = text_prompt(engine, wanted, wanted);
    if (!prompt) return std::unexpected(prompt.error());
    // A text is made longer by many tokens at a time where the vocabulary is small.
    if (!times.empty() && (*prompt)->tokens() <= times.back().tokens) continue;
    const auto ms = median_of({.times_max = 5, .ms_max = 1500}, [&] { return prefill_once(engine, **prompt, stop); });
    if (!ms) return std::unexpected(ms.error());
    times.push_back({(*prompt)->tokens(), *ms});
  }
  return times;
}

Result<std::vector<BatchTime>> measure_batches(VisionLanguageEngine& engine, std::span<const std::uint32_t> answers,
                                               std::uint32_t prompt_tokens, const std::stop_token& stop) {
  std::vector<BatchTime> times;
  for (const std::uint32_t count : answers) {
    const std::uint64_t needed = std::uint64_t{count} * (prompt_tokens + longer_by_max + answer_tokens);
    if (count > engine.facts().slots || (needed > engine.facts().context_tokens && !times.empty())) continue;
    const auto ms = Answers(engine, count, prompt_tokens, stop).run();
    if (!ms) return std::unexpected(ms.error());
    times.push_back({count, *ms});
  }
  return times;
}

}  // namespace fovea
