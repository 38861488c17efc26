// How a trace is made from a recipe.
//
// Every choice draws from one Dice (dice.h). So the order of draws is a part of the traces: a new option must
// draw nothing where it is off. Pictures are numbered as they appear. The first `images` are the standing
// ones, in the order of their popularity at the start.
#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <utility>

#include "workload/dice.h"
#include "workload/session_steps.h"
#include "workload/workload.h"

namespace fovea {

namespace {

// Between requests: replay needs rising times, and nothing depends on the pace.
constexpr double interval_ms = 1000;

std::vector<double> zipf_weights(const Workload& workload) {
  std::vector<double> weights(workload.images);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = std::pow(static_cast<double>(i + 1), -workload.zipf);
  return weights;
}

std::vector<double> model_shares(const Workload& workload) {
  std::vector<double> shares;
  for (const WorkloadModel& model : workload.models) shares.push_back(model.share);
  return shares;
}

// About the z for which a normal variable is below z with chance `p` in (0, 1): a logistic in place of the
// normal.
double normal_quantile(double p) { return std::log(p / (1 - p)) / 1.702; }

class Generator {
 public:
  Generator(const Workload& workload, std::uint64_t seed)
      : workload_(workload), dice_(seed), popularity_(zipf_weights(workload)), model_urn_(model_shares(workload)) {
    standing_.resize(workload.images);
    for (std::uint32_t rank = 0; rank < workload.images; ++rank) {
      const double popular = 1 - (rank + 0.5) / workload.images;
      standing_[rank] = new_picture(popular);
    }
    if (workload.sessions.count > 0)
      sessions_.emplace(workload, dice_, popularity_, [this] { return passing_picture(); });
  }

  // Once.
  void run() {
    for (std::uint32_t asked = 0; asked < workload_.requests; ++asked) {
      if (workload_.drift_every > 0 && asked > 0 && asked % workload_.drift_every == 0) drift();
      if (workload_.scan_every > 0 && asked % workload_.scan_every == 0) scan_left_ = workload_.scan_length;
      ask(next());
    }
  }

  const std::vector<AskedQuestion>& asked() const { return asked_; }
  Trace trace() && {
    trace_.name = workload_.name;
    trace_.keys = keys_;
    return std::move(trace_);
  }

 private:
  struct Picture {
    std::uint32_t key = no_related;  // of its embedding, from its first request on
    std::uint32_t model = 0;
    float importance = 0.5F;
    double scale = 1;
  };
  struct Burst {
    std::uint32_t picture, left;
  };

  // `popular` is the share of pictures that are less popular.
  std::uint32_t new_picture(double popular) {
    Picture picture;
    picture.model = workload_.models.size() > 1 ? model_urn_.draw(dice_) : 0;
    const double spread = workload_.models[picture.model].picture_spread;
    if (spread > 0) picture.scale = std::exp2(spread * (2 * dice_.unit() - 1));
    const double r = workload_.importance_correlation;
    const double z = r * normal_quantile(std::clamp(popular, 0.001, 0.999)) + std::sqrt(1 - r * r) * dice_.normal();
    picture.importance = static_cast<float>(1 / (1 + std::exp(-1.702 * z)));
    pictures_.push_back(picture);
    return static_cast<std::uint32_t>(pictures_.size() - 1);
  }

  // A new picture that will not be popular.
  std::uint32_t passing_picture() { return new_picture(0); }

  AskedQuestion next() {
    if (scan_left_ > 0 && !sessions_) {
      --scan_left_;
      return {passing_picture(), dice_.below(workload_.questions)};
    }
    if (sessions_) return sessions_->next();
    if (workload_.rounds) return next_in_round();
    if (workload_.burst_chance > 0 && dice_.chance(workload_.burst_chance)) return begin_burst();
    if (!bursts_.empty() && dice_.chance(workload_.burst_pace)) return next_in_burst();
    const double kind = dice_.unit();
    if (kind < workload_.repeat && !asked_.empty()) return asked_[dice_.below(asked_.size())];
    const bool seen = kind < workload_.repeat + workload_.same_image;
    return {standing_[drawn_rank(seen)], dice_.below(workload_.questions)};
  }

  // A rank by Zipf's law. With `seen`, of a picture of an earlier request, if a few draws find one.
  std::uint32_t drawn_rank(bool seen) {
    constexpr int tries = 3;  // more would make popular pictures more popular than the law says
    std::uint32_t rank = popularity_.draw(dice_);
    for (int i = 1; seen && i < tries && pictures_[standing_[rank]].key == no_related; ++i)
      rank = popularity_.draw(dice_);
    return rank;
  }

  AskedQuestion next_in_round() {
    std::uint32_t& picture = standing_[round_++ % workload_.images];
    if (dice_.chance(workload_.round_change)) picture = passing_picture();
    return {picture, dice_.below(workload_.questions)};
  }

  AskedQuestion begin_burst() {
    const std::uint32_t picture = passing_picture();
    const std::uint32_t length = workload_.burst_length / 2 + dice_.below(workload_.burst_length + 1);
    if (length > 1) bursts_.push_back({picture, length - 1});
    return {picture, dice_.below(workload_.questions)};
  }

  AskedQuestion next_in_burst() {
    Burst& burst = bursts_[dice_.below(bursts_.size())];
    const std::uint32_t picture = burst.picture;
    if (--burst.left == 0) {
      burst = bursts_.back();
      bursts_.pop_back();
    }
    return {picture, dice_.below(workload_.questions)};
  }

  void drift() {
    const auto moves = static_cast<std::uint32_t>(workload_.drift_share * workload_.images);
    for (std::uint32_t i = 0; i < moves; ++i) {
      std::swap(standing_[dice_.below(standing_.size())], standing_[dice_.below(standing_.size())]);
    }
  }

  std::uint32_t response_key(AskedQuestion question) {
    const std::uint64_t name = (std::uint64_t{question.picture} << 32) | question.question;
    const auto [found, fresh] = responses_.try_emplace(name, keys_);
    if (fresh) ++keys_;
    return found->second;
  }

  void ask(AskedQuestion question) {
    Picture& picture = pictures_[question.picture];
    const WorkloadModel& model = workload_.models[picture.model];
    if (picture.key == no_related) picture.key = keys_++;
    const auto request = static_cast<std::uint32_t>(asked_.size());
    // The length of an answer depends on its question: the same on every repeat, 1/4 to 4 times the usual.
    const double length = std::exp2(4 * static_cast<double>(question.question * 0x9E3779B9U) * 0x1p-32 - 2);
    const double encode_ms = model.encode_ms * picture.scale;
    const Lookup shared{.request = request, .importance = picture.importance, .time_ms = request * interval_ms};
    Lookup response = shared, embedding = shared;
    response.key = response_key(question);
    response.related = picture.key;
    response.cost_ms = encode_ms + model.generate_ms * length;
    response.size =
        std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(model.response_bytes) * length));
    response.level = TraceLevel::response;
    embedding.key = picture.key;
    embedding.cost_ms = encode_ms;
    embedding.size = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(static_cast<double>(model.embedding_bytes) * picture.scale));
    trace_.lookups.push_back(response);
    trace_.lookups.push_back(embedding);
    asked_.push_back(question);
  }

  const Workload& workload_;
  Dice dice_;
  Urn popularity_, model_urn_;
  std::vector<Picture> pictures_;
  std::vector<std::uint32_t> standing_;  // the pictures by rank of popularity, or by camera
  std::vector<AskedQuestion> asked_;
  std::vector<Burst> bursts_;
  std::optional<SessionSteps> sessions_;
  std::unordered_map<std::uint64_t, std::uint32_t> responses_;
  std::uint32_t keys_ = 0, scan_left_ = 0, round_ = 0;
  Trace trace_;
};

}  // namespace

Trace generate_trace(const Workload& workload, std::uint64_t seed) {
  Generator generator(workload, seed);
  generator.run();
  return std::move(generator).trace();
}

std::vector<AskedQuestion> generate_questions(const Workload& workload, std::uint64_t seed) {
  Generator generator(workload, seed);
  generator.run();
  return generator.asked();
}

}  // namespace fovea
