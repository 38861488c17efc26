// One scenario: who took how long, where the time went, what a miss costs, and what is held in memory.
#include <algorithm>
#include <format>
#include <set>

#include "base/units.h"
#include "bench/bench_page.h"
#include "report/number_text.h"

namespace fovea {

namespace {

// A name that files may have, and that two groups of one scenario do not share.
std::string file_name(const BenchGroup& group, std::string_view what) {
  std::string name =
      std::format("{}-{}{}", group.name(), group.number > 1 ? std::format("{}-", group.number) : "", what);
  for (char& c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) c = '-';
  }
  return name;
}

std::string paired_text(const BenchGroup& group, const std::string& target) {
  if (target == group.baseline()) return "";
  const auto differences = paired_totals(group, group.baseline(), target, is_cold).differences();
  if (differences.size() < 2) return "-";
  const std::size_t comparisons = group.head().targets.size() - 1;
  const auto t = paired_t_test(differences);
  const auto w = wilcoxon_test(differences);
  return std::format("{} / {}", t ? p_text(bonferroni(t->p, comparisons)) : "-",
                     w ? p_text(bonferroni(w->p, comparisons)) : "-");
}

std::string agreement_text(const BenchGroup& group, const std::string& target) {
  if (target == group.baseline()) return "";
  const Agreement agreed = agreement(group, target, group.baseline());
  return agreed.compared == 0 ? "-" : std::format("{} of {}", agreed.same, agreed.compared);
}

void add_latencies(Page& page, const BenchGroup& group) {
  Table table{.name = file_name(group, "latencies"),
              .caption =
                  "Milliseconds to the complete answer, first pass. p: paired t test / Wilcoxon, compared with the "
                  "baseline on the requests that both got, with Bonferroni's correction. Same answers: equal letter by "
                  "letter.",
              .head = {"target", "answers", "mean", "p50", "p95", "p99", "first text, mean", "speed-up", "p",
                       "same answers", "failed"},
              .rows = {}};
  for (const BenchTarget& target : group.head().targets) {
    const auto records = select(group, target.name, is_cold);
    if (records.empty()) continue;
    const auto ms = totals(group, target.name, is_cold);
    std::vector<double> first;
    for (const BenchRecord* record : records) first.push_back(record->first_ms);
    const auto failed = select(group, target.name, [](const BenchRecord& record) { return !record.error.empty(); });
    table.rows.push_back(
        {target.name, std::to_string(ms.size()), mean_text(mean_of(ms)), number_text(percentile(ms, 0.5)),
         number_text(percentile(ms, 0.95)), number_text(percentile(ms, 0.99)), mean_text(mean_of(first)),
         target.name == group.baseline() ? "" : ratio_text(speedup(group, target.name, is_cold)),
         paired_text(group, target.name), agreement_text(group, target.name), std::to_string(failed.size())});
  }
  page.blocks.emplace_back(std::move(table));
}

void add_distributions(Page& page, const BenchGroup& group) {
  constexpr std::size_t points_max = 400;  // of a curve: more could not be seen
  LineFigure figure{.title = group.name() + ": time to the complete answer",
                    .x_label = "ms",
                    .y_label = "share of answers",
                    .series = {},
                    .log_x = true};
  for (const BenchTarget& target : group.head().targets) {
    auto ms = totals(group, target.name, is_cold);
    if (ms.empty()) continue;
    std::ranges::sort(ms);
    LineFigure::Series series{.name = target.name, .points = {}, .steps = true};
    for (std::size_t i = 0; i < ms.size(); i += std::max<std::size_t>(1, ms.size() / points_max)) {
      const double share = static_cast<double>(i + 1) / static_cast<double>(ms.size());
      series.points.push_back({ms[i], {share, share, share}});
    }
    series.points.push_back({ms.back(), {1, 1, 1}});
    figure.series.push_back(std::move(series));
  }
  if (figure.series.empty()) return;
  page.blocks.emplace_back(Figure{.name = file_name(group, "cdf"),
                                  .caption = "The share of answers that took at most this time, first pass, all seeds.",
                                  .what = std::move(figure)});
}

// The stages of a figure, in the order in which they happen. Some are joined: a figure has eight colours.
struct StagePart {
  const char* name;
  std::vector<const char*> stages;
};

const std::vector<StagePart>& stage_parts() {
  static const std::vector<StagePart> parts = {{"decode", {"decode"}},
                                               {"preprocess", {"preprocess"}},
                                               {"encode", {"encode"}},
                                               {"prefill", {"prefill"}},
                                               {"generate", {"generate"}},
                                               {"caching", {"lookup", "hash", "restore", "store"}},
                                               {"other", {"wait", "score", "other"}}};
  return parts;
}

Figure stages_figure(const BenchGroup& group, const std::vector<std::string>& who,
                     std::vector<std::map<std::string, double>>& means) {
  BarFigure figure{.title = group.name() + ": where a request's time goes",
                   .y_label = "ms a request",
                   .groups = who,
                   .series = {},
                   .stacked = true};
  for (const StagePart& part : stage_parts()) {
    BarFigure::Series series{part.name, {}};
    for (auto& mean : means) {
      double ms = 0;
      for (const char* stage : part.stages) ms += mean[stage];
      series.values.push_back({ms, ms, ms});
    }
    figure.series.push_back(std::move(series));
  }
  return {.name = file_name(group, "stages"),
          .caption =
              "Mean time of a request by stage, first pass. Caching is what the levels add: hashing tiles, looking up, "
              "restoring and storing.",
          .what = std::move(figure)};
}

void add_stages(Page& page, const BenchGroup& group) {
  std::vector<std::string> who;
  std::vector<std::map<std::string, double>> means;
  std::set<std::string> stages;
  for (const BenchTarget& target : group.head().targets) {
    auto mean = mean_stages(group, target.name, is_cold);
    if (mean.size() < 2) continue;  // "other" alone: the target reports no stages
    for (const auto& [stage, ms] : mean) stages.insert(stage);
    who.push_back(target.name);
    means.push_back(std::move(mean));
  }
  if (means.empty()) return;
  page.blocks.emplace_back(stages_figure(group, who, means));
  Table table{.name = file_name(group, "stages"),
              .caption = "Mean milliseconds a request by stage, first pass.",
              .head = {"stage"},
              .rows = {}};
  table.head.insert(table.head.end(), who.begin(), who.end());
  for (const std::string& stage : stages) {
    std::vector<std::string> row = {stage};
    for (auto& mean : means) row.push_back(number_text(mean[stage]));
    table.rows.push_back(std::move(row));
  }
  page.blocks.emplace_back(std::move(table));
}

void add_kinds(Page& page, const BenchGroup& group) {
  Table table{.name = file_name(group, "kinds"),
              .caption =
                  "Mean milliseconds by what earlier requests had: repeat, the same request; known, all its images; "
                  "partly, some of them; fresh, none.",
              .head = {"request", "share"},
              .rows = {}};
  for (const BenchTarget& target : group.head().targets) table.head.push_back(target.name);
  const std::string& whole = group.head().targets.back().name;
  const std::size_t all = select(group, whole, is_cold).size();
  for (const char* kind : {"repeat", "known", "partly", "fresh"}) {
    const auto of_kind = [kind](const BenchRecord& record) { return is_cold(record) && record.kind == kind; };
    const std::size_t count = select(group, whole, of_kind).size();
    if (count == 0 || all == 0) continue;
    std::vector<std::string> row = {kind, share_text(static_cast<double>(count) / static_cast<double>(all))};
    for (const BenchTarget& target : group.head().targets) {
      const auto ms = totals(group, target.name, of_kind);
      row.push_back(ms.empty() ? "-" : mean_text(mean_of(ms)));
    }
    table.rows.push_back(std::move(row));
  }
  if (!table.rows.empty()) page.blocks.emplace_back(std::move(table));
}

void add_hits(Page& page, const BenchGroup& group) {
  Table table{.name = file_name(group, "hits"),
              .caption =
                  "The share of requests in which a level hit, or one above it; and the compute per request that the "
                  "first level that hit saved, as measured when its entries were made.",
              .head = {"target", "response", "prefix", "embedding", "saved by responses, ms", "by the others, ms"},
              .rows = {}};
  for (const BenchTarget& target : group.head().targets) {
    const auto records = select(group, target.name, is_cold);
    if (records.empty() || records.front()->levels.empty() || target.name == "none") continue;
    double by_response = 0, by_others = 0;
    for (const BenchRecord* record : records) {
      const auto outcome = record->levels.find("response");
      (outcome != record->levels.end() && outcome->second == "hit" ? by_response : by_others) += record->saved_ms;
    }
    const auto count = static_cast<double>(records.size());
    table.rows.push_back({target.name, share_text(hit_share(group, target.name, "response", is_cold)),
                          share_text(hit_share(group, target.name, "prefix", is_cold)),
                          share_text(hit_share(group, target.name, "embedding", is_cold)),
                          number_text(by_response / count), number_text(by_others / count)});
  }
  if (!table.rows.empty()) page.blocks.emplace_back(std::move(table));
}

// Of a model that reads an image whole, tiles say no more than the levels do.
void add_tiles(Page& page, const BenchGroup& group) {
  Table table{.name = file_name(group, "tiles"),
              .caption =
                  "Tiles of the images whose embeddings were needed (a model reads them one by one), and how many of "
                  "these were encoded.",
              .head = {"target", "images", "tiles", "encoded", "share"},
              .rows = {}};
  for (const BenchTarget& target : group.head().targets) {
    std::uint64_t images = 0, tiles = 0, encoded = 0;
    for (const BenchRecord* record : select(group, target.name, is_cold)) {
      images += record->pictures;
      tiles += record->tiles;
      encoded += record->tiles_encoded;
    }
    if (tiles <= images) continue;
    table.rows.push_back({target.name, std::to_string(images), std::to_string(tiles), std::to_string(encoded),
                          share_text(static_cast<double>(encoded) / static_cast<double>(tiles))});
  }
  if (!table.rows.empty()) page.blocks.emplace_back(std::move(table));
}

void add_miss_cost(Page& page, const BenchGroup& group) {
  Table table{
      .name = file_name(group, "miss"),
      .caption = "What caching costs in a miss: images that no other request is about, sent to all targets in turn.",
      .head = {"target", "pairs", "baseline, mean ms", "mean ms", "difference, ms", "difference, %", "p"},
      .rows = {}};
  for (const BenchTarget& target : group.head().targets) {
    const PairedTotals pairs = paired_totals(group, target.name, group.baseline(), is_control);
    if (target.name == group.baseline() || pairs.first.size() < 2) continue;
    const Estimate more = mean_of(pairs.differences());
    const auto w = wilcoxon_test(pairs.differences());
    const double base = mean_of(pairs.second).value;
    table.rows.push_back({target.name, std::to_string(pairs.first.size()), number_text(base),
                          number_text(mean_of(pairs.first).value), mean_text(more),
                          std::format("{:+.2f}", 100 * more.value / base), w ? p_text(w->p) : "-"});
  }
  if (table.rows.empty()) return;
  page.blocks.emplace_back(Heading{3, group.name() + ": what a miss costs"});
  page.blocks.emplace_back(std::move(table));
}

void add_restart(Page& page, const BenchGroup& group) {
  const auto after = [](const BenchRecord& record) { return is_cold(record) && record.restarted; };
  if (group.head().scenario.restart_after <= 0) return;
  Table table{.name = file_name(group, "restart"),
              .caption = "Only the requests after all targets were restarted.",
              .head = {"target", "answers", "mean ms", "p95 ms", "speed-up over the baseline"},
              .rows = {}};
  for (const BenchTarget& target : group.head().targets) {
    const PairedTotals pairs = paired_totals(group, group.baseline(), target.name, after);
    if (pairs.second.empty()) continue;
    table.rows.push_back({target.name, std::to_string(pairs.second.size()), mean_text(mean_of(pairs.second)),
                          number_text(percentile(pairs.second, 0.95)),
                          ratio_text(ratio_of_means(pairs.first, pairs.second, true))});
  }
  if (!table.rows.empty()) page.blocks.emplace_back(std::move(table));
}

void add_memory(Page& page, const BenchGroup& group) {
  Table table{.name = file_name(group, "memory"),
              .caption =
                  "What the levels held at the end (values and the overhead of an entry), mean over seeds. Per image: "
                  "divided by the number of different images, including those of controls and of the warm-up.",
              .head = {"target", "level", "entries", "bytes", "per image"},
              .rows = {}};
  for (const BenchTarget& target : group.head().targets) {
    std::map<std::string, std::pair<double, double>> levels;
    for (const BenchRun* run : group.runs) {
      const auto holdings = run->tail.holdings.find(target.name);
      if (holdings == run->tail.holdings.end()) continue;
      for (const Holding& holding : holdings->second) {
        levels[holding.level].first += static_cast<double>(holding.entries) / static_cast<double>(group.runs.size());
        levels[holding.level].second += static_cast<double>(holding.bytes) / static_cast<double>(group.runs.size());
      }
    }
    double pictures = 0;
    for (const BenchRun* run : group.runs)
      pictures += static_cast<double>(run->tail.pictures) / static_cast<double>(group.runs.size());
    for (const auto& [level, holdings] : levels) {
      if (holdings.first == 0) continue;
      table.rows.push_back({target.name, level, std::format("{:.0f}", holdings.first),
                            format_bytes(static_cast<std::uint64_t>(holdings.second)),
                            pictures > 0 ? format_bytes(static_cast<std::uint64_t>(holdings.second / pictures)) : "-"});
    }
  }
  if (table.rows.empty()) return;
  page.blocks.emplace_back(Heading{3, group.name() + ": memory"});
  page.blocks.emplace_back(std::move(table));
}

}  // namespace

void add_scenario_chapter(Page& page, const BenchGroup& group) {
  std::string title = "Scenario: " + group.name();
  if (group.number > 1) title += std::format(" ({})", group.number);
  if (!group.head().model.empty()) title += ", model " + group.head().model;
  page.blocks.emplace_back(Heading{2, std::move(title)});
  page.blocks.emplace_back(Paragraph{group.head().scenario.workload.about});
  Bullets who;
  for (const BenchTarget& target : group.head().targets) {
    who.items.push_back(std::format("{}: {}{}", target.name, target.about,
                                    target.every > 1 ? std::format("; gets one request in {}", target.every) : ""));
  }
  page.blocks.emplace_back(std::move(who));
  add_latencies(page, group);
  add_distributions(page, group);
  add_kinds(page, group);
  add_hits(page, group);
  add_tiles(page, group);
  add_stages(page, group);
  add_restart(page, group);
  add_miss_cost(page, group);
  add_memory(page, group);
}

}  // namespace fovea
