// Both forms are made from a ModelOutlook for each model, so that they cannot say different things. Rows have
// a name, a number and a note; what is advised has a second line that says why.
#include "app/output/profile_text.h"

#include <format>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "app/output/json_line.h"
#include "base/units.h"
#include "profile/advice.h"

namespace fovea::app {

// What is computed from one model's numbers.
struct ModelOutlook {
  std::string name;
  std::vector<std::pair<std::string, double>> request_ms;  // by what a request finds
  std::vector<Prediction> paper_load;
  std::vector<Advice> advice;
};

struct ProfileOutput {
  Profile profile;
  LoadShares paper_load;
  std::vector<ModelOutlook> models;
  std::vector<Advice> comparison;
};

namespace {

constexpr std::pair<const char*, Found> found_names[] = {{"no cache", Found::uncached},
                                                         {"first request", Found::nothing},
                                                         {"embedding hit", Found::embedding},
                                                         {"prefix hit", Found::prefix},
                                                         {"response hit", Found::response}};

ModelOutlook outlook_of(const Profile& profile, const ModelTimes& model, const LoadShares& shares) {
  ModelOutlook outlook{.name = model.name,
                       .request_ms = {},
                       .paper_load = predictions(model, shares),
                       .advice = advise(profile, model, shares)};
  for (const auto& [name, found] : found_names) outlook.request_ms.emplace_back(name, request_ms(model, found));
  return outlook;
}

std::string row(std::string_view name, const std::string& value, const std::string& note = "") {
  std::string text = std::format("  {:<28}{:>12}  {}", name, value, note);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

// "1,234 MiB/s".
std::string rate(double bytes_per_ms) { return format_bytes(static_cast<std::uint64_t>(bytes_per_ms * 1000)) + "/s"; }

// "6.02x", "16,842x": never with an exponent.
std::string times(double factor) {
  if (factor < 100) return std::format("{:.3g}x", factor);
  std::string digits = std::format("{:.0f}", factor);
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits + 'x';
}

std::string use_note(const DeviceUse& use) {
  std::string note = std::format("{:.1f} processors busy", use.processors);
  if (use.instructions_per_cycle) note += std::format(", {:.2f} instructions a cycle", *use.instructions_per_cycle);
  if (use.cache_misses_per_ms) note += std::format(", {:.0f} cache misses a ms", *use.cache_misses_per_ms);
  return note;
}

std::string machine_text(const Profile& profile) {
  std::string text = profile.machine + '\n';
  for (const BandwidthAt& at : profile.memory)
    text += row("memory", rate(at.bytes_per_ms), std::format("{} thread{}", at.threads, at.threads == 1 ? "" : "s"));
  for (const TierTime& tier : profile.tiers)
    text +=
        row(tier.kind + " tier", format_ms(tier.wait_ms),
            std::format("a small value; read {}, written {}", rate(tier.bytes_per_ms), rate(tier.write_bytes_per_ms)));
  if (!profile.counters.empty()) text += std::format("  no device counters: {}\n", profile.counters);
  return text;
}

std::string model_text(const ModelTimes& model) {
  const LoadTimes& load = model.load;
  std::string text = std::format("\n{}, pictures of {} x {}\n", model.name, load.width, load.height);
  text += row("load", format_ms(model.load_ms),
              model.memory_bytes > 0 ? std::format("{} of memory at most", format_bytes(model.memory_bytes)) : "");
  text += row("open a picture", format_ms(load.open_ms), "decode the file, name it");
  text += row("preprocess, hash", format_ms(load.preprocess_ms), format_ms(load.hash_ms));
  text += row("encode a tile", format_ms(model.encode_ms), use_note(model.encoding));
  text += row("prefill a tile", format_ms(model.image_prefill_ms),
              std::format("{} tile{} a picture", model.tiles, model.tiles == 1 ? "" : "s"));
  for (const BatchTime& prompt : model.prefill)
    text += row(std::format("prefill {} tokens", prompt.tokens), format_ms(prompt.ms),
                std::format("{} a token", format_ms(prompt.ms / prompt.tokens)));
  for (const BatchTime& batch : model.batches)
    text += row(std::format("decode {} at once", batch.tokens), format_ms(batch.ms),
                std::format("{} a token{}", format_ms(batch.ms / batch.tokens),
                            batch.tokens == 1 ? ", " + use_note(model.decoding) : ""));
  if (model.state)
    text += row("state out, in", format_ms(model.state->out_ms),
                std::format("{}; {}, {} and {}", format_ms(model.state->in_ms), format_bytes(model.state->bytes),
                            rate(static_cast<double>(model.state->bytes) / std::max(model.state->out_ms, 1e-6)),
                            rate(static_cast<double>(model.state->bytes) / std::max(model.state->in_ms, 1e-6))));
  for (const ThreadTime& at : model.threads)
    text += row(std::format("{} thread{}", at.threads, at.threads == 1 ? "" : "s"), format_ms(at.encode_ms),
                std::format("a tile; a prompt {}, a token {}", format_ms(at.prefill_ms), format_ms(at.decode_ms)));
  return text;
}

std::string advice_text(const std::vector<Advice>& advice) {
  std::string text;
  for (const Advice& piece : advice) {
    const std::string factor = piece.factor == 1 ? "-" : times(piece.factor);  // 1: there is nothing to compare
    text += std::format("  {:<28}{:>8}  {}\n      {}\n", piece.topic, factor, piece.setting, piece.why);
  }
  return text;
}

std::string outlook_text(const ModelOutlook& outlook) {
  std::string text = std::format("\nA request to {}, predicted\n", outlook.name);
  for (const auto& [name, ms] : outlook.request_ms)
    text += row(name, format_ms(ms), times(outlook.request_ms.front().second / std::max(ms, 1e-6)));
  text += "The mean over the paper's load, by the levels that are on\n";
  for (const Prediction& at : outlook.paper_load)
    text += row(at.levels, format_ms(at.mean_ms), std::format("{:.2f}x", at.factor));
  return text + std::format("What to switch on for {}\n", outlook.name) + advice_text(outlook.advice);
}

}  // namespace

std::string profile_text(const Profile& profile, const LoadShares& shares) {
  std::string text = machine_text(profile);
  for (const ModelTimes& model : profile.models) text += model_text(model);
  for (const ModelTimes& model : profile.models) text += outlook_text(outlook_of(profile, model, shares));
  if (profile.models.size() == 2)
    text += "\nWhich is faster here\n" + advice_text(compare(profile.models[0], profile.models[1]));
  return text;
}

std::string profile_json(const Profile& profile, const LoadShares& shares) {
  ProfileOutput output{.profile = profile, .paper_load = shares, .models = {}, .comparison = {}};
  for (const ModelTimes& model : profile.models) output.models.push_back(outlook_of(profile, model, shares));
  if (profile.models.size() == 2) output.comparison = compare(profile.models[0], profile.models[1]);
  return json_line(output) + '\n';
}

}  // namespace fovea::app
