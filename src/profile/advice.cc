// Where a level, a tier or a draft is no gain, that is said with its numbers, too: it is what a person wants
// to know before switching something off.
#include "profile/advice.h"

#include <algorithm>
#include <format>

#include "base/units.h"
#include "profile/draft_gain.h"
#include "profile/tier_worth.h"

namespace fovea {

namespace {

constexpr double clear_gain = 1.05;      // a smaller one is noise
constexpr double network_wait_ms = 0.5;  // in the same building

double ratio(double numerator, double denominator) { return numerator / std::max(denominator, 1e-6); }

Advice about_level(std::string topic, std::string flag, double without_ms, double with_ms, const std::string& what,
                   std::uint64_t bytes) {
  const double factor = ratio(without_ms, with_ms);
  const std::string size = bytes > 0 ? std::format("; one is {}", format_bytes(bytes)) : "";
  return {std::move(topic), factor > clear_gain ? "on, the default" : std::move(flag) + " 0", factor,
          std::format("{}: {} in place of {}{}", what, format_ms(with_ms), format_ms(without_ms), size)};
}

void add_levels(const ModelTimes& model, const LoadShares& shares, std::vector<Advice>& all) {
  const double uncached = request_ms(model, Found::uncached);
  const double embedding = request_ms(model, Found::embedding);
  all.push_back(about_level("embedding level", "--embedding-cache", uncached, embedding,
                            "another question about a known picture", model.tile_bytes * model.tiles));
  if (model.state)
    all.push_back(about_level("prefix level", "--prefix-cache", embedding, request_ms(model, Found::prefix),
                              "the same, with the decoder's state behind the picture", model.state->bytes));
  else
    all.push_back({"prefix level", "off: " + model.state_obstacle, 1, "this model keeps no states"});
  all.push_back(about_level("response level", "--response-cache", uncached, request_ms(model, Found::response),
                            "the same question once more", 0));
  const std::vector<Prediction> means = predictions(model, shares);
  all.push_back({"all levels", "on, the default", means.back().factor,
                 std::format("the mean of the paper's load: {} in place of {}", format_ms(means.back().mean_ms),
                             format_ms(means.front().mean_ms))});
}

void add_tier(const ModelTimes& model, const TierTime& tier, std::vector<Advice>& all) {
  for (const EntryCost& entry : entry_costs(model)) {
    const double fetch = fetch_ms(tier, entry.bytes);
    const double factor = ratio(entry.cost_ms, fetch);
    all.push_back({std::format("{} tier, {}", tier.kind, entry.kind),
                   factor > 1 ? (tier.kind == "shared" ? "--shared ADDRESS" : "--disk-cache DIR") : "left to the lane",
                   factor,
                   std::format("fetching {} takes {}, computing it {}: {}",
                               format_bytes(static_cast<std::uint64_t>(entry.bytes)), format_ms(fetch),
                               format_ms(entry.cost_ms), factor > 1 ? "it is kept" : "it is not asked for there")});
  }
}

// Where no shared tier was measured: the bandwidth from which on one is worth it.
void add_network(const ModelTimes& model, std::vector<Advice>& all) {
  std::string rates;
  for (const EntryCost& entry : entry_costs(model)) {
    const double rate = least_rate(entry, network_wait_ms);
    rates += (rates.empty() ? "" : ", ") + entry.kind + ' ';
    rates += rate > 0 ? std::format("{:.3g} Mbit/s", rate * 8 / 1000) : "never";
  }
  all.push_back({"shared tier", "measure one: --shared ADDRESS", 1,
                 std::format("not measured; with a wait of {} fetching beats computing from these rates on: {}",
                             format_ms(network_wait_ms), rates)});
}

void add_drafts(const ModelTimes& model, std::vector<Advice>& all) {
  std::uint32_t best = 1;
  std::string steps, evens;
  for (const std::uint32_t drafted : {1U, 3U, 7U}) {
    if (drafted + 1 > model.batches.back().tokens) continue;
    const auto even = break_even(model.batches, drafted);
    evens += std::format("{}{} of {}", evens.empty() ? "" : ", ",
                         even ? std::format("{:.0f} %", 100 * *even) : std::string("never"), drafted);
    if (draft_gain(model.batches, drafted, 1) > draft_gain(model.batches, best, 1)) best = drafted;
  }
  for (const BatchTime& batch : model.batches)
    steps += std::format("{}{} in {}", steps.empty() ? "" : ", ", batch.tokens, format_ms(batch.ms));
  const double ceiling = draft_gain(model.batches, best, 1);
  all.push_back(
      {"drafts", ceiling > clear_gain ? std::format("--drafts auto --draft-max {}", best) : "--drafts off",
       std::max(ceiling, 1.0),
       std::format("at most, where {} right; steps of tokens: {}; no loss from this share of right tokens on: {}",
                   best == 1 ? "the drafted token is" : std::format("all {} drafted tokens are", best), steps, evens)});
}

void add_order(const ModelTimes& model, std::vector<Advice>& all) {
  if (!model.state) return;
  const double behind = request_ms(model, Found::embedding), first = request_ms(model, Found::prefix);
  const double factor = ratio(behind, first);
  all.push_back(
      {"image order", factor > clear_gain ? "--image-order first" : "--image-order as-sent", factor,
       std::format("clients that put the question in front of the picture: its {:.0f} tokens are read once and "
                   "not for every question, {} in place of {}",
                   model.load.image_tokens, format_ms(first), format_ms(behind))});
}

void add_threads(const ModelTimes& model, std::vector<Advice>& all) {
  if (model.threads.size() < 2) return;
  // A first request as this number of threads makes it.
  const auto whole = [&](const ThreadTime& at) {
    const ThreadTime& most = model.threads.back();
    return at.encode_ms * model.tiles + model.load.prefill_ms * ratio(at.prefill_ms, most.prefill_ms) +
           at.decode_ms * model.load.steps;
  };
  const auto best = std::ranges::min_element(model.threads, {}, whole);
  const auto fastest = std::ranges::min_element(model.threads, {}, &ThreadTime::decode_ms);
  const ThreadTime& one = model.threads.front();
  const bool all_of_them = best->threads == model.threads.back().threads;
  all.push_back({"threads", all_of_them ? "one a processor, the default" : std::format("--threads {}", best->threads),
                 ratio(whole(one), whole(*best)),
                 std::format("beside one thread, a first request; a tile {} beside {}, a token {} beside {}, tokens "
                             "fastest with {}",
                             format_ms(best->encode_ms), format_ms(one.encode_ms), format_ms(best->decode_ms),
                             format_ms(one.decode_ms), fastest->threads)});
}

void add_slots(const ModelTimes& model, std::vector<Advice>& all) {
  const auto gain = [&](const BatchTime& batch) { return batch.tokens * model.decode_ms() / batch.ms; };
  const auto best = std::ranges::max_element(model.batches, {}, gain);
  all.push_back(
      {"parallel slots", gain(*best) > clear_gain ? std::format("--parallel {}", best->tokens) : "--parallel 1",
       gain(*best),
       best->tokens == 1
           ? std::format("more answers at once give no more tokens a second; a token takes {}", format_ms(best->ms))
           : std::format("tokens of all answers a second; each of {} answers then takes {} for a token in place of {}",
                         best->tokens, format_ms(best->ms), format_ms(model.decode_ms()))});
}

void add_memory(const Profile& profile, const ModelTimes& model, std::vector<Advice>& all) {
  if (profile.memory.empty() || model.decoder_bytes == 0 || model.decode_ms() <= 0) return;
  const double rate = static_cast<double>(model.decoder_bytes) / model.decode_ms();
  const double share = rate / std::ranges::max(profile.memory, {}, &BandwidthAt::bytes_per_ms).bytes_per_ms;
  all.push_back(
      {"weights", share > 0.5 ? "a smaller quantisation decodes faster" : "not bound by memory", 1,
       std::format("a token reads {} of weights in {}: {:.0f} % of the triad's rate, and reading alone is faster",
                   format_bytes(model.decoder_bytes), format_ms(model.decode_ms()), 100 * share)});
}

}  // namespace

std::vector<Advice> advise(const Profile& profile, const ModelTimes& model, const LoadShares& shares) {
  std::vector<Advice> all;
  add_levels(model, shares, all);
  for (const TierTime& tier : profile.tiers) add_tier(model, tier, all);
  if (std::ranges::none_of(profile.tiers, [](const TierTime& tier) { return tier.kind == "shared"; }))
    add_network(model, all);
  add_drafts(model, all);
  add_order(model, all);
  add_threads(model, all);
  add_slots(model, all);
  add_memory(profile, model, all);
  return all;
}

std::vector<Advice> compare(const ModelTimes& one, const ModelTimes& other) {
  std::vector<Advice> all;
  const auto add = [&](const char* topic, double one_ms, double other_ms) {
    const bool one_faster = one_ms <= other_ms;
    all.push_back({topic, (one_faster ? one : other).name,
                   ratio(std::max(one_ms, other_ms), std::min(one_ms, other_ms)),
                   std::format("{} {}, {} {}", one.name, format_ms(one_ms), other.name, format_ms(other_ms))});
  };
  add("first request", request_ms(one, Found::uncached), request_ms(other, Found::uncached));
  add("known picture", request_ms(one, Found::prefix), request_ms(other, Found::prefix));
  add("a tile", one.encode_ms, other.encode_ms);
  add("a token", one.decode_ms(), other.decode_ms());
  return all;
}

}  // namespace fovea
