// A node's encoder and its decoder are two queues. The slower one of them is what limits the node, so a
// request costs what it takes there. Answers that are decoded together share their steps.
#include "cluster/node_weights.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <unordered_set>

#include "cluster/fleet_names.h"
#include "engine/modelled/modelled_times.h"
#include "profile/modelled_times.h"

namespace fovea {

namespace {

constexpr std::uint32_t weight_max = 256;  // HAProxy's
constexpr double ms_min = 1e-3;            // of a request: a profile may say 0

// How often each part of the work is done in a request, on the average.
struct Parts {
  double encodes, prompts, questions, answers;
};

Parts parts_of(const NodeClass& node, const LevelsOn& levels, const LoadShares& shares) {
  const double answered = levels.response ? shares.known + shares.fresh : 1;
  const double first = levels.response || levels.embedding || levels.prefix ? shares.fresh : answered;
  const bool prefixes = levels.prefix && node.times.state.has_value();
  return {.encodes = levels.embedding || prefixes ? first : answered,
          .prompts = prefixes ? first : answered,
          .questions = prefixes ? answered - first : 0,
          .answers = answered};
}

}  // namespace

LoadShares shares_of(const FleetLoad& load) {
  std::unordered_set<std::uint64_t> asked, pictures;
  double repeat = 0, known = 0, fresh = 0;
  for (const AskedQuestion& request : generate_questions(load.workload, load.seed)) {
    const bool is_new_question = asked.insert((std::uint64_t{request.picture} << 32) | request.question).second;
    const bool is_new_picture = pictures.insert(request.picture).second;
    ++(is_new_picture ? fresh : is_new_question ? known : repeat);
  }
  const double all = repeat + known + fresh;
  return {.repeat = repeat / all, .known = known / all, .fresh = fresh / all};
}

double requests_per_s(const NodeClass& node, const LevelsOn& levels, const LoadShares& shares) {
  const LoadTimes& load = node.times.load;
  const Parts parts = parts_of(node, levels, shares);
  const double encoder_ms = parts.encodes * (load.preprocess_ms + load.encode_once_ms);
  const double together = decode_step_ms(modelled_times({}, node.times), node.parallel) /
                          (node.parallel * std::max(node.times.decode_ms(), ms_min));
  const double restore_ms = node.times.state ? node.times.state->in_ms : 0;
  const double decoder_ms = (parts.prompts * load.prefill_ms) + (parts.questions * (restore_ms + load.question_ms)) +
                            (parts.answers * load.generate_ms * together);
  return 1000 / std::max({encoder_ms, decoder_ms, load.hit_ms, ms_min});
}

std::vector<std::uint32_t> weights_by_speed(const Fleet& fleet) {
  const LoadShares shares = shares_of(fleet.load);
  std::vector<double> speeds;
  for (const NodeClass& node : fleet.classes) speeds.push_back(requests_per_s(node, fleet.levels, shares));
  const double fastest = std::ranges::max(speeds);
  std::vector<std::uint32_t> weights;
  for (const double speed : speeds)
    weights.push_back(std::max(1U, static_cast<std::uint32_t>(std::lround(weight_max * speed / fastest))));
  return weights;
}

std::vector<std::uint32_t> class_weights(const Fleet& fleet) {
  if (fleet.weights == Weights::equal) return std::vector<std::uint32_t>(fleet.classes.size(), weight_max);
  return weights_by_speed(fleet);
}

std::string haproxy_lines(const Fleet& fleet, std::uint32_t nodes_max) {
  const std::vector<std::uint32_t> weights = weights_by_speed(fleet);
  std::string lines;
  std::uint32_t first = 0;  // of the class
  for (std::size_t i = 0; i < fleet.classes.size(); ++i) {
    const std::uint32_t count = fleet.classes[i].count;
    for (std::uint32_t node = first; node < first + std::min(count, nodes_max); ++node)
      lines += std::format("server {} 10.0.{}.{}:8080 id {} weight {}\n", node_name(fleet, node), node / 200,
                           (node % 200) + 11, node + 1, weights[i]);
    if (count > nodes_max) lines += std::format("# and {} more like them\n", count - nodes_max);
    first += count;
  }
  return lines;
}

}  // namespace fovea
