// How a trace is made from a recipe.
//
// Every choice draws from one Dice (dice.h). So the order of draws is a part of the traces: a new option must
// draw nothing where it is off. Pictures are numbered as they appear. The first `images` are the standing
// ones, in the order of their popularity at the start.
#include "workload/workload.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <glaze/glaze.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "workload/dice.h"
#include "workload/session_steps.h"

namespace fovea {

namespace {

// Recipes are written by hand. A longer file is something else.
constexpr std::size_t recipe_bytes_max = 1 << 20;
// Keeps the trace and its look-up tables within a few GiB of memory.
constexpr std::uint32_t requests_max = 20'000'000;
constexpr std::uint32_t images_max = 10'000'000;
constexpr std::uint32_t questions_max = 1'000'000;
constexpr std::uint32_t sessions_max = 100'000;
// All swaps of a drift together: they take seconds.
constexpr double moves_max = 1e9;
// Between requests: replay needs rising times, and nothing depends on the pace.
constexpr double interval_ms = 1000;

struct StrictJson : glz::opts {
  bool validate_trailing_whitespace = true;  // nothing may follow the recipe
};
constexpr StrictJson strict_json{};

bool is_share(double value) { return value >= 0 && value <= 1; }

bool is_model(const WorkloadModel& model) {
  // Far above any model, and small enough that the bytes of a whole trace fit into 64 bits.
  constexpr double cost_max_ms = 1e9, spread_max = 6;
  constexpr std::uint64_t bytes_max = 1ULL << 30;
  const auto is_cost = [](double ms) { return ms >= 0 && ms <= cost_max_ms; };
  return model.share > 0 && model.share <= 1e6 && model.embedding_bytes >= 1 && model.embedding_bytes <= bytes_max &&
         model.response_bytes >= 4 && model.response_bytes <= bytes_max && is_cost(model.encode_ms) &&
         is_cost(model.generate_ms) && model.picture_spread >= 0 && model.picture_spread <= spread_max;
}

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

const char* complaint_about(const SessionPlan& plan, std::uint32_t images) {
  if (plan.count == 0) return nullptr;
  if (plan.count > sessions_max) return "\"sessions\": \"count\" must be at most 100,000";
  if (plan.length < 1 || plan.length > requests_max) return "\"sessions\": \"length\" must be 1 to 20,000,000";
  if (!is_session_steps(plan.steps)) return "\"sessions\": \"steps\" must be free, pages, rounds, links or once";
  if (plan.pages < 1 || plan.pages > images) return "\"sessions\": \"pages\" must be 1 to \"images\"";
  if (!is_share(plan.jump) || !is_share(plan.stay)) return "\"sessions\": \"jump\" and \"stay\" must be 0 to 1";
  return nullptr;
}

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

const char* complaint_about(const Workload& workload) {
  const Workload& w = workload;
  if (w.name.empty()) return "\"name\" is missing";
  if (w.requests < 1 || w.requests > requests_max) return "\"requests\" must be 1 to 20,000,000";
  if (w.images < 1 || w.images > images_max) return "\"images\" must be 1 to 10,000,000";
  if (w.questions < 1 || w.questions > questions_max) return "\"questions\" must be 1 to 1,000,000";
  if (!is_share(w.repeat) || !is_share(w.same_image) || w.repeat + w.same_image > 1 + 1e-9)
    return "\"repeat\" and \"same_image\" must be shares of at most 1 together";
  if (!(w.zipf >= 0 && w.zipf <= 10)) return "\"zipf\" must be 0 to 10";
  if (!is_share(w.drift_share) || !is_share(w.burst_chance) || !is_share(w.round_change))
    return "\"drift_share\", \"burst_chance\" and \"round_change\" must be 0 to 1";
  const std::uint32_t drifts = w.drift_every > 0 ? w.requests / w.drift_every : 0;
  if (w.drift_share * w.images * drifts > moves_max)
    return "\"drift_every\" and \"drift_share\" ask for more than 1,000,000,000 changes of place";
  if (!(w.burst_pace > 0 && w.burst_pace <= 1)) return "\"burst_pace\" must be above 0 and at most 1";
  if (w.burst_length < 1 || w.burst_length > requests_max) return "\"burst_length\" must be 1 to 20,000,000";
  if (w.scan_length > requests_max) return "\"scan_length\" must be at most 20,000,000";
  if (!(w.importance_correlation >= -1 && w.importance_correlation <= 1))
    return "\"importance_correlation\" must be -1 to 1";
  if (const char* wrong = complaint_about(w.sessions, w.images)) return wrong;
  if (w.models.empty() || !std::ranges::all_of(w.models, is_model))
    return "\"models\" needs at least one model, of a share above 0, sizes of 1 B (a response: 4 B) to 1 GiB, costs of "
           "0 to 1e9 ms "
           "and a spread of 0 to 6";
  return nullptr;
}

Result<Workload> parse_workload(std::string_view json) {
  Workload workload;
  workload.models.clear();           // glaze adds to what is there
  const std::string document(json);  // glaze wants a terminated buffer
  if (const auto error = glz::read<strict_json>(workload, document)) {
    return fail(Fault::invalid,
                std::format("not a workload: {}\nsamples/workloads has examples.", glz::format_error(error, document)));
  }
  if (workload.models.empty()) workload.models.emplace_back();
  if (const char* wrong = complaint_about(workload)) return fail(Fault::invalid, std::format("workload: {}", wrong));
  return workload;
}

Result<Workload> read_workload(const std::string& path) {
  auto source = TraceSource::open(path);
  if (!source) return std::unexpected(source.error());
  return read_workload(*source);
}

Result<Workload> read_workload(TraceSource& source) {
  const auto json = source.rest(recipe_bytes_max);
  if (!json) return std::unexpected(json.error());
  Result<Workload> workload = parse_workload(*json);
  if (!workload) return fail(workload.error().fault, std::format("{}: {}", source.name(), workload.error().message));
  return workload;
}

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
