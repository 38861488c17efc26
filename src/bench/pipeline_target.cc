// Each target has a pipeline of its own on the shared engine. A level that is off has a budget of 0 bytes. A
// target without any level bypasses the cache, so that it does no work for caching at all.
#include "bench/pipeline_target.h"

#include <chrono>
#include <format>
#include <ranges>

#include "base/clock.h"
#include "base/units.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace fovea {

namespace {

// Above what any scenario computes.
constexpr std::uint64_t disk_bytes_max = std::uint64_t{20} << 30;
constexpr std::chrono::seconds flush_within{30};

struct Levels {
  bool response = false, embedding = false, prefix = false, disk = false;
};

std::unexpected<Error> no_levels(std::string_view names) {
  return fail(Fault::invalid,
              std::format("'{}' names no levels: write none, both, all, or some of response, embedding and "
                          "prefix with + between them, and +disk behind them to keep them there too",
                          names));
}

Result<Levels> levels_of(std::string_view names) {
  if (names == "none") return Levels{};
  Levels levels;
  for (const auto part : std::views::split(names, '+')) {
    const std::string_view name(part.begin(), part.end());
    const bool all = name == "all", both = name == "both" || all;
    if (!both && name != "response" && name != "embedding" && name != "prefix" && name != "disk")
      return no_levels(names);
    levels.response |= both || name == "response";
    levels.embedding |= both || name == "embedding";
    levels.prefix |= all || name == "prefix";
    levels.disk |= name == "disk";
  }
  if (!levels.response && !levels.embedding && !levels.prefix) return no_levels(names);
  return levels;
}

Measured measured_of(Answer answer, double first_ms, double total_ms) {
  const RequestReport& report = answer.report;
  Measured measured{.text = std::move(answer.text),
                    .first_ms = first_ms,
                    .total_ms = total_ms,
                    .prompt_tokens = answer.prompt_tokens,
                    .answer_tokens = answer.answer_tokens,
                    .cached_tokens = report.cached_tokens,
                    .levels = {{"response", std::string(to_string(report.response))},
                               {"prefix", std::string(to_string(report.prefix))},
                               {"embedding", std::string(to_string(report.embedding))}},
                    .stages = {},
                    .saved_ms = report.saved_ms};
  for (const auto& [stage, ms] : named(report.times)) {
    if (ms > 0 && stage != std::string_view("total")) measured.stages[stage] = ms;
  }
  for (const ImageReport& image : report.images) {
    if (image.in_prefix) continue;
    measured.tiles += image.tiles;
    measured.tiles_encoded += image.tiles - image.tiles_hit;
  }
  return measured;
}

}  // namespace

Result<std::unique_ptr<PipelineTarget>> PipelineTarget::open(const std::string& levels, VisionLanguageEngine& engine,
                                                             PipelineOptions options) {
  const std::size_t colon = levels.find(':');
  const auto on = levels_of(std::string_view(levels).substr(0, colon));
  if (!on) return std::unexpected(on.error());
  if (colon != std::string::npos) {
    const auto policy = policy_kind_of(std::string_view(levels).substr(colon + 1));
    if (!policy) return std::unexpected(policy.error());
    options.policy = *policy;
  }
  if (options.shared_bytes_max && (!on->response || !on->embedding || !on->prefix))
    return fail(Fault::invalid,
                "one budget for all levels is for all levels: leave out --cache-size, or ask for 'all'");
  if (!on->response) options.response_bytes_max = 0;
  if (!on->embedding) options.embedding_bytes_max = 0;
  if (!on->prefix) options.prefix_bytes_max = 0;
  std::optional<ScratchFolder> disk;
  if (on->disk) {
    auto folder = ScratchFolder::make("fovea-bench");
    if (!folder) return std::unexpected(folder.error());
    disk.emplace(std::move(*folder));
  }
  std::unique_ptr<PipelineTarget> target(new PipelineTarget(levels, engine, options, std::move(disk)));
  if (auto started = target->start(); !started) return std::unexpected(started.error());
  return target;
}

Result<void> PipelineTarget::start() {
  if (disk_) {
    auto tier = RocksdbTier::open({.folder = disk_->path(), .bytes_max = disk_bytes_max});
    if (!tier) return std::unexpected(tier.error());
    tiers_.push_back(std::make_unique<TierLane>(std::move(*tier), TierLaneOptions{}));
    options_.tiers = &tiers_;
  }
  pipeline_ = std::make_unique<Pipeline>(engine_, options_);
  return {};
}

bool PipelineTarget::keeps_nothing() const {
  return !options_.shared_bytes_max && options_.response_bytes_max == 0 && options_.embedding_bytes_max == 0 &&
         options_.prefix_bytes_max == 0;
}

std::string PipelineTarget::about() const {
  if (keeps_nothing()) return "this process, no cache";
  if (options_.shared_bytes_max)
    return std::format("this process, {} for all levels, policy {}", format_bytes(*options_.shared_bytes_max),
                       to_string(options_.policy));
  std::string text = "this process";
  const std::pair<const char*, std::uint64_t> levels[] = {{"response", options_.response_bytes_max},
                                                          {"prefix", options_.prefix_bytes_max},
                                                          {"embedding", options_.embedding_bytes_max}};
  for (const auto& [level, bytes] : levels) {
    if (bytes > 0) text += std::format(", {} {}", level, format_bytes(bytes));
  }
  if (disk_) text += ", disk";
  return text + std::format(", policy {}", to_string(options_.policy));
}

Result<Measured> PipelineTarget::ask(const Request& request, const std::stop_token& stop) {
  Request asked = request;
  asked.cache = {.read = !keeps_nothing(), .write = !keeps_nothing()};
  const Stopwatch watch;
  double first_ms = 0;
  Listener listener;
  listener.on_text = [&](std::string_view) {
    if (first_ms == 0) first_ms = watch.elapsed_ms();
  };
  auto answer = pipeline_->answer(asked, listener, stop);
  const double total_ms = watch.elapsed_ms();
  if (!answer) return std::unexpected(answer.error());
  return measured_of(std::move(*answer), first_ms > 0 ? first_ms : total_ms, total_ms);
}

Result<void> PipelineTarget::restart() {
  pipeline_.reset();
  for (const auto& tier : tiers_) tier->flush(std::chrono::steady_clock::now() + flush_within);
  tiers_.clear();
  engine_.purge_idle();
  return start();
}

std::vector<Holding> PipelineTarget::holdings() const {
  const PipelineStats stats = pipeline_->stats();
  return {{"response", stats.response.entries, stats.response.bytes},
          {"prefix", stats.prefix.entries, stats.prefix.bytes},
          {"embedding", stats.embedding.entries, stats.embedding.bytes}};
}

}  // namespace fovea
