// What drafts gain and lose on loads of made-up words, with the step times of a machine where a batch is
// cheap and of one where it is not. No time is measured.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "engine/llama/draft/answer_drafts.h"
#include "engine/llama/draft/draft_planner.h"
#include "engine/llama/draft/model_trust.h"

namespace fovea::llama {
namespace {

using Tokens = std::vector<std::int32_t>;
using StepMs = std::function<double(std::size_t rows)>;

// SmolVLM-256M's shape on two cores, as measured.
double cheap_batches(std::size_t rows) {
  constexpr double ms[] = {12.6, 18.1, 20.7, 24.4, 28.9, 33.4, 38, 42.5};
  return rows <= 8 ? ms[rows - 1] : 42.5 + 4.6 * static_cast<double>(rows - 8);
}
// One core, where each row takes its time.
double dear_batches(std::size_t rows) { return 10 * static_cast<double>(rows); }

class Load {
 public:
  explicit Load(StepMs step_ms) : step_ms_(std::move(step_ms)) {}

  // An answer that says `said`.
  void answer(const Tokens& prompt, const Tokens& said, const std::vector<DraftText>& texts) {
    AnswerDrafts drafts(prompt, texts);
    drafts.append(said.front());
    for (std::size_t at = 1; at < said.size();) {
      constexpr std::size_t draft_max = 8;
      const std::vector<std::vector<double>> odds = {drafts.odds(std::min(draft_max, said.size() - at - 1))};
      const std::size_t drafted = planner_.plan(odds).front();
      if (drafted > 0) drafts.draft(drafted);
      planner_.record(1 + drafted, step_ms_(1 + drafted));
      drafted_ms_ += step_ms_(1 + drafted);
      bool goes_on = true;
      for (std::size_t row = 0; row <= drafted && goes_on; ++row) {
        goes_on = drafts.append(said[at++]);
        plain_ms_ += step_ms_(1);
      }
    }
  }

  double gain() const { return plain_ms_ / drafted_ms_; }

 private:
  const StepMs step_ms_;
  DraftPlanner planner_{DraftMode::automatic};
  double plain_ms_ = 0, drafted_ms_ = 0;
};

// Words of a language in which a few are frequent and most are rare.
class Words {
 public:
  std::int32_t next() {
    constexpr std::uint64_t rare = 2000;
    const std::uint64_t draw = 1 + random_() % rare;
    return static_cast<std::int32_t>(20 * rare / draw);  // half of them are one of 20
  }
  Tokens text(std::size_t words) {
    Tokens tokens;
    while (tokens.size() < words) tokens.push_back(next());
    return tokens;
  }
  // One word of `every` is another one, left out, or followed by a new one.
  Tokens nearly(const Tokens& text, std::uint32_t every) {
    Tokens tokens;
    for (const std::int32_t token : text) {
      const std::uint64_t change = random_() % every == 0 ? random_() % 3 : 3;
      if (change >= 2) tokens.push_back(token);
      if (change == 0 || change == 2) tokens.push_back(next());
    }
    return tokens;
  }

 private:
  std::mt19937 random_{1};
};

// Six answers about each of some images, of which each is nearly the first.
double gain_of_captions(std::uint32_t changed_every, const StepMs& step_ms) {
  Load load(step_ms);
  Words words;
  for (int image = 0; image < 30; ++image) {
    const Tokens caption = words.text(40);
    std::vector<DraftText> earlier = {{.tokens = caption}};
    for (int answer = 1; answer < 6; ++answer) {
      const Tokens said = words.nearly(caption, changed_every);
      load.answer(words.text(20), said, earlier);
      earlier.insert(earlier.begin(), DraftText{.tokens = said});
    }
  }
  return load.gain();
}

// Answers about an image that have nothing to do with each other.
double gain_of_other_answers(const StepMs& step_ms) {
  Load load(step_ms);
  Words words;
  std::vector<DraftText> earlier;
  for (int answer = 0; answer < 200; ++answer) {
    const Tokens said = words.text(40);
    load.answer(words.text(100), said, earlier);
    earlier.insert(earlier.begin(), DraftText{.tokens = said});
    if (earlier.size() > 8) earlier.pop_back();
  }
  return load.gain();
}

// Answers of 40 tokens, of which a draft model guesses each with the chance `right`, in `proposal_ms` a
// token.
double gain_of_a_model(double right, double proposal_ms, const StepMs& step_ms) {
  DraftPlanner planner(DraftMode::automatic);
  BatchCosts proposing;
  proposing.record(1, proposal_ms);
  std::mt19937 random(1);
  double plain_ms = 0, drafted_ms = 0;
  for (int answer = 0; answer < 300; ++answer) {
    ModelTrust trust;
    for (std::size_t left = 40; left > 0;) {
      const std::vector<std::vector<double>> odds = {trust.odds(std::min({8UZ, left - 1, trust.asked_max()}))};
      const std::size_t asked = planner.plan_asks(odds, {.rows = 1, .tokens = 1}, proposing, 1).counts.front();
      if (asked == 0) trust.pass_over();
      std::size_t accepted = 0;
      for (bool is_right = true; is_right && accepted < asked; accepted += is_right ? 1 : 0) {
        is_right = static_cast<double>(random() % 1000) < 1000 * right;
        trust.record(is_right);
      }
      planner.record(1 + asked, step_ms(1 + asked));
      drafted_ms += step_ms(1 + asked) + static_cast<double>(asked) * proposal_ms;
      plain_ms += static_cast<double>(1 + accepted) * step_ms(1);
      left -= 1 + accepted;
    }
  }
  return plain_ms / drafted_ms;
}

TEST(DraftsPay, AModelThatIsOftenRightMakesAnswersFaster) {
  EXPECT_GE(gain_of_a_model(0.9, 1.3, cheap_batches), 1.25);
  EXPECT_GE(gain_of_a_model(0.98, 0.5, cheap_batches), 1.6);
}

TEST(DraftsPay, AModelThatIsSeldomRightLosesLittle) {
  for (const double proposal_ms : {0.5, 1.3, 2.5, 12.0}) {
    for (const double right : {0.05, 0.3, 0.6}) EXPECT_GE(gain_of_a_model(right, proposal_ms, cheap_batches), 0.96);
  }
  EXPECT_GE(gain_of_a_model(0.3, 1.3, dear_batches), 0.98);
}

TEST(DraftsPay, NearRepeatsComeFaster) {
  EXPECT_GE(gain_of_captions(12, cheap_batches), 1.3);
  EXPECT_GE(gain_of_captions(1000, cheap_batches), 1.9);
}

TEST(DraftsPay, AnswersWithoutReuseLoseAlmostNothing) {
  EXPECT_GE(gain_of_other_answers(cheap_batches), 0.98);
  EXPECT_GE(gain_of_captions(3, cheap_batches), 0.98) << "they agree in too few words";
}

TEST(DraftsPay, AMachineWhereBatchesAreDearLosesAlmostNothing) {
  EXPECT_GE(gain_of_other_answers(dear_batches), 0.98);
  EXPECT_GE(gain_of_captions(12, dear_batches), 0.98);
}

}  // namespace
}  // namespace fovea::llama
