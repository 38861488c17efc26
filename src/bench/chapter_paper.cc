// The chapter with the paper's tables I and II and figures 1 to 3: its printed numbers, its equations, and
// what running levels measure.
#include <algorithm>
#include <cmath>
#include <format>
#include <initializer_list>

#include "bench/bench_page.h"
#include "bench/paper_model.h"
#include "report/number_text.h"

namespace fovea {

namespace {

bool is_level(const BenchRecord& record, const std::string& level, const char* outcome) {
  const auto found = record.levels.find(level);
  return found != record.levels.end() && found->second == outcome;
}

double mean_or_zero(const std::vector<double>& samples) { return samples.empty() ? 0 : mean_of(samples).value; }

bool has_response_alone(const BenchGroup& group) { return !totals(group, "response", is_cold).empty(); }

// The times of first requests for an image, of the target that runs the paper's two levels.
std::vector<double> first_requests(const BenchGroup& group) {
  return totals(group, "both", [](const BenchRecord& record) {
    return is_cold(record) && is_level(record, "response", "miss") && is_level(record, "embedding", "miss");
  });
}

// How much faster `who` is than first requests are.
std::optional<Estimate> over_first_requests(const BenchGroup& group, const std::string& who) {
  const auto firsts = first_requests(group), ms = totals(group, who, is_cold);
  if (firsts.empty() || ms.empty()) return std::nullopt;
  return ratio_of_means(firsts, ms, false);
}

// The equations' terms, all from the target that runs the paper's two levels.
PaperTerms measured_terms(const BenchGroup& group) {
  const auto response_hit = [](const BenchRecord& record) {
    return is_cold(record) && is_level(record, "response", "hit");
  };
  const auto embedding_hit = [](const BenchRecord& record) {
    return is_cold(record) && !is_level(record, "response", "hit") && is_level(record, "embedding", "hit");
  };
  return {.hit_ms = mean_or_zero(totals(group, "both", response_hit)),
          .generate_ms = mean_or_zero(totals(group, "both", embedding_hit)),
          .full_ms = mean_or_zero(first_requests(group)),
          .embedding_hits = hit_share(group, "both", "embedding", is_cold),
          .response_hits = hit_share(group, "both", "response", is_cold)};
}

// A name that the chapters of two groups do not share.
std::string name_of(const BenchGroup& group, const char* what) {
  return group.number == 1 ? what : std::format("{}-{}", what, group.number);
}

std::string ms_and_factor(double ms, double baseline_ms) {
  return std::format("{} ms, {}x", number_text(ms), number_text(baseline_ms / ms));
}

Table table_one(const BenchGroup& group, const PaperTerms& terms) {
  const auto lookups = [&] {
    std::vector<double> us;
    for (const BenchRecord* record : select(group, "both", is_cold)) {
      const auto lookup = record->stages.find("lookup");
      if (lookup != record->stages.end() && is_level(*record, "response", "hit")) us.push_back(1000 * lookup->second);
    }
    return us;
  }();
  Table table{.name = name_of(group, "table-1"),
              .caption = "Table I: what is measured.",
              .head = {"", "paper", "here"},
              .rows = {}};
  table.rows.push_back({"no cache, ms", std::format("{} ± {}", paper_baseline_ms, paper_baseline_half_width_ms),
                        mean_text(mean_of(totals(group, "none", is_cold)))});
  table.rows.push_back({"first request for an image, both levels, ms", "-", mean_text(mean_of(first_requests(group)))});
  if (has_response_alone(group)) {
    table.rows.push_back({"response level alone, ms", number_text(paper_response_level_ms),
                          mean_text(mean_of(totals(group, "response", is_cold)))});
    table.rows.push_back({"response level alone, speed-up", number_text(paper_response_level_speedup),
                          ratio_text(speedup(group, "response", is_cold))});
  }
  table.rows.push_back({"response hits", share_text(paper_terms.response_hits), share_text(terms.response_hits)});
  table.rows.push_back(
      {"embedding hits (or better)", share_text(paper_terms.embedding_hits), share_text(terms.embedding_hits)});
  table.rows.push_back(
      {"a stored answer, look-up stage, µs", std::format("{} (a dictionary)", paper_lookup_us),
       lookups.empty() ? "-"
                       : std::format("{} (prompt rendered, key hashed, level searched)", mean_text(mean_of(lookups)))});
  table.rows.push_back({"a stored answer, whole request, ms", "-", number_text(terms.hit_ms)});
  table.rows.push_back(
      {"an answer from stored embeddings, ms", number_text(paper_terms.generate_ms), number_text(terms.generate_ms)});
  return table;
}

Table table_two(const BenchGroup& group, const PaperTerms& terms) {
  Table table{
      .name = name_of(group, "table-2"),
      .caption =
          "Table II: the measured times and speed-ups; what the equations give for the times and hit rates measured "
          "here, and for the paper's; and what the paper prints. \"Joint\": a stored answer implies a stored "
          "embedding, as is true while nothing is evicted. Equation 1 takes the two hits as independent. Our L_full "
          "is the time of a first request for an image.",
      .head = {"", "measured, ms", "speed-up over no cache", "over first requests", "joint form, our values",
               "equation 1 or 2, our values", "equation 1 or 2, the paper's values", "printed in the paper"},
      .rows = {}};
  const auto row = [&](const char* what, const std::string& who, std::vector<std::string> equations) {
    const auto ms = totals(group, who, is_cold);
    table.rows.push_back({what, ms.empty() ? "-" : mean_text(mean_of(ms)), ratio_text(speedup(group, who, is_cold)),
                          ratio_text(over_first_requests(group, who))});
    for (std::string& equation : equations) table.rows.back().push_back(std::move(equation));
  };
  row("response level", "response",
      {"", ms_and_factor(response_level_ms(terms), terms.full_ms),
       ms_and_factor(response_level_ms(paper_terms), paper_terms.full_ms),
       ms_and_factor(paper_response_level_ms, paper_baseline_ms)});
  row("both levels", "both",
      {ms_and_factor(joint_two_level_ms(terms), terms.full_ms), ms_and_factor(two_level_ms(terms), terms.full_ms),
       ms_and_factor(two_level_ms(paper_terms), paper_terms.full_ms),
       ms_and_factor(paper_two_level_printed_ms, paper_baseline_ms)});
  if (group.has("all")) row("with prefixes", "all", {"", "", "", ""});
  table.rows.push_back({"ceiling: hits cost nothing", "", "", "", "",
                        terms.embedding_hits < 1 ? std::format("{}x", number_text(ceiling_speedup(terms))) : "-",
                        std::format("{}x", number_text(ceiling_speedup(paper_terms))), ""});
  return table;
}

// The paper's slip: its equation does not give what it prints.
void add_slip(Page& page, const PaperTerms& terms) {
  PaperTerms free = paper_terms;
  free.generate_ms = 0;
  page.blocks.emplace_back(Paragraph{std::format(
      "The paper prints {} ms ({}x) for both levels. With the paper's own values (h_v {}, h_o {}, L_gen {} ms, L_full "
      "{} ms), its equation 1 gives {} ms, {}x. If generating an answer cost nothing, the equation would give about "
      "what is printed, {} ms. With the hit rates and times measured here, the equation gives {} ms. The joint form, "
      "which counts that a stored answer implies a stored embedding, gives {} ms.",
      paper_two_level_printed_ms, paper_two_level_printed_speedup, paper_terms.embedding_hits,
      paper_terms.response_hits, paper_terms.generate_ms, paper_terms.full_ms, number_text(two_level_ms(paper_terms)),
      number_text(paper_terms.full_ms / two_level_ms(paper_terms)), number_text(two_level_ms(free)),
      number_text(two_level_ms(terms)), number_text(joint_two_level_ms(terms)))});
}

// Whether the value measured here is within a tenth of the paper's.
std::string agrees(double paper, double here) { return std::abs(here - paper) <= paper / 10 ? "yes" : "no"; }

void add_agreement(Page& page, const BenchGroup& group, const PaperTerms& terms) {
  const Estimate both = over_first_requests(group, "both").value_or(Estimate{});
  const auto times = [](double value) { return number_text(value) + "x"; };
  Table table{.name = name_of(group, "agreement"),
              .caption =
                  "What agrees with the paper (within a tenth), and why the rest does not. The speed-up of both levels "
                  "is over first requests.",
              .head = {"", "paper", "here", "agrees", "why"},
              .rows = {}};
  table.rows.push_back(
      {"response hits", share_text(paper_terms.response_hits), share_text(terms.response_hits),
       agrees(paper_terms.response_hits, terms.response_hits),
       std::format("{} are exact repeats; the others are questions drawn again by chance, from a pool of {}",
                   share_text(group.head().scenario.workload.repeat), group.head().scenario.workload.questions)});
  table.rows.push_back({"embedding hits (or better)", share_text(paper_terms.embedding_hits),
                        share_text(terms.embedding_hits), agrees(paper_terms.embedding_hits, terms.embedding_hits),
                        "every image must be encoded once: the more requests per image, the more hits"});
  if (has_response_alone(group)) {
    const Estimate response = speedup(group, "response", is_cold).value_or(Estimate{});
    table.rows.push_back({"response level alone", times(paper_response_level_speedup), times(response.value),
                          agrees(paper_response_level_speedup, response.value),
                          std::format("hits cost next to nothing, so it is about 1 / (1 - h_o), {}",
                                      times(1 / (1 - terms.response_hits)))});
  }
  table.rows.push_back(
      {"both levels, as printed", times(paper_two_level_printed_speedup), times(both.value),
       agrees(paper_two_level_printed_speedup, both.value),
       std::format("generating costs time: here an answer from stored embeddings takes {} of one without; if it cost "
                   "nothing, the ceiling would be {}",
                   share_text(terms.generate_ms / terms.full_ms), times(ceiling_speedup(terms)))});
  table.rows.push_back(
      {"both levels, by the paper's equation", times(paper_terms.full_ms / two_level_ms(paper_terms)),
       times(both.value), agrees(paper_terms.full_ms / two_level_ms(paper_terms), both.value),
       std::format("the same equation gives {} with the times and hit rates measured here, its joint form {}",
                   times(terms.full_ms / two_level_ms(terms)), times(terms.full_ms / joint_two_level_ms(terms)))});
  page.blocks.emplace_back(std::move(table));
}

Estimate certain(double value) { return {value, value, value}; }

void add_figures(Page& page, const BenchGroup& group) {
  BarFigure hits{
      .title = "Hit rates", .y_label = "% of requests", .groups = {"response", "embedding or better"}, .series = {}};
  hits.series.push_back(
      {"paper", {certain(100 * paper_terms.response_hits), certain(100 * paper_terms.embedding_hits)}});
  BarFigure latencies{.title = "Mean latency", .y_label = "ms", .groups = {}, .series = {{"measured", {}}}};
  BarFigure speedups{.title = "Speed-up over no cache", .y_label = "x", .groups = {}, .series = {{"measured", {}}}};
  BarFigure::Series ours{"here", {}};
  for (const char* level : {"response", "embedding"}) {
    std::vector<double> by_seed;
    for (const BenchRun* run : group.runs) by_seed.push_back(100 * hit_share({{run}}, "both", level, is_cold));
    ours.values.push_back(mean_of(by_seed));
  }
  hits.series.push_back(std::move(ours));
  for (const BenchTarget& target : group.head().targets) {
    const auto ms = totals(group, target.name, is_cold);
    if (ms.empty()) continue;
    latencies.groups.push_back(target.name);
    latencies.series[0].values.push_back(mean_of(ms));
    if (target.name == group.baseline()) continue;
    speedups.groups.push_back(target.name);
    speedups.series[0].values.push_back(speedup(group, target.name, is_cold).value_or(Estimate{}));
  }
  page.blocks.emplace_back(Figure{
      name_of(group, "paper-1-hit-rates"),
      "Figure 1: hit rates, the paper's and those measured here, with 95 % intervals over seeds.", std::move(hits)});
  page.blocks.emplace_back(Figure{name_of(group, "paper-2-latencies"),
                                  "Figure 2: mean time to the complete answer, with 95 % intervals.",
                                  std::move(latencies)});
  page.blocks.emplace_back(Figure{name_of(group, "paper-3-speedups"),
                                  "Figure 3: speed-up over no cache, with 95 % bootstrap intervals.",
                                  std::move(speedups)});
}

// Says where the embedding level saves time already in first requests, so that a reader does not count that
// as hits.
void add_equal_tiles(Page& page, const BenchGroup& group, const PaperTerms& terms) {
  const double none = mean_of(totals(group, "none", is_cold)).value;
  if (none < 1.1 * terms.full_ms) return;
  page.blocks.emplace_back(Paragraph{std::format(
      "A first request for an image takes {} ms with both levels and {} ms without a cache, because the embedding "
      "level "
      "encodes equal tiles once, and the tile and the overview of a small image are equal. This factor of {} has "
      "nothing to do with hits. \"Over first requests\" in Table II leaves it out.",
      number_text(terms.full_ms), number_text(none), number_text(none / terms.full_ms))});
}

// Names what is left of the time: this is what another level or a faster machine can save.
void add_remaining(Page& page, const BenchGroup& group) {
  for (const char* who : {"both", "all"}) {
    const auto records = select(group, who, is_cold);
    if (records.empty()) continue;
    const auto first = std::ranges::count_if(
        records, [](const BenchRecord* record) { return is_level(*record, "embedding", "miss"); });
    auto stages = mean_stages(group, who, is_cold);
    double all = 0;
    for (const auto& [stage, ms] : stages) all += ms;
    const auto share = [&](std::initializer_list<const char*> names) {
      double ms = 0;
      for (const char* name : names) ms += stages[name];
      return share_text(ms / all);
    };
    page.blocks.emplace_back(Paragraph{
        std::format("What is left of the time with `{}`, {} ms a request: {} to encode images that no earlier "
                    "request had (in {} of {} requests; no cold cache can save these), {} to prefill prompts, "
                    "{} to generate answers that are not stored, {} to decode and preprocess images, {} to "
                    "hash, look up, restore and store, {} other.",
                    who, number_text(all), share({"encode"}), first, records.size(), share({"prefill"}),
                    share({"generate"}), share({"decode", "preprocess"}), share({"hash", "lookup", "restore", "store"}),
                    share({"wait", "score", "other"}))});
  }
}

void add_statistics(Page& page, const BenchGroup& group) {
  const auto differences = paired_totals(group, "none", "both", is_cold).differences();
  const auto d = cohens_d(differences);
  page.blocks.emplace_back(
      Paragraph{std::format("About the paper's statistics: it reports the same t and d for all three policies, and p "
                            "values for differences between them that are zero. Policies that never evict do the same "
                            "thing, so there is no difference to test: only noise of the clock remains. Its d above "
                            "377 says how little a time varies, and not how large an effect is: d for pairs is the "
                            "mean difference in standard deviations of the differences, so a deterministic machine "
                            "gives any d, however large. Here the unit is a request. Requests differ (a hit saves "
                            "nearly everything, a compulsory miss nothing), and d of both levels compared with no "
                            "cache is {}.",
                            d ? number_text(*d) : "not defined")});
}

}  // namespace

void add_paper_chapter(Page& page, const BenchGroup& group) {
  // The chapter needs the paper's load, measured without cache and with both levels, with each level's
  // outcome.
  if (group.name() != "paper" || totals(group, "none", is_cold).empty() || first_requests(group).empty()) return;
  const PaperTerms terms = measured_terms(group);
  page.blocks.emplace_back(Heading{2, std::format("The paper's evaluation, measured: model {}", group.head().model)});
  page.blocks.emplace_back(table_one(group, terms));
  page.blocks.emplace_back(table_two(group, terms));
  add_equal_tiles(page, group, terms);
  add_slip(page, terms);
  add_agreement(page, group, terms);
  add_remaining(page, group);
  add_statistics(page, group);
  add_figures(page, group);
}

}  // namespace fovea
