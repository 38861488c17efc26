// The page is the terminal's, whole: what a terminal leaves out for room is here.
#include "audit/report/audit_page.h"

#include <algorithm>
#include <format>
#include <string>
#include <utility>
#include <vector>

#include "audit/report/finding_tables.h"
#include "audit/report/finding_texts.h"
#include "base/units.h"

namespace fovea {

namespace {

constexpr std::size_t drawn_spoilers_max = 8;

Estimate exactly(double value) { return {value, value, value}; }

void add(Page& page, Table table) {
  if (!table.rows.empty()) page.blocks.emplace_back(std::move(table));
}

double percent_of(double part, double all) { return all > 0 ? 100 * part / all : 0; }

Figure pictures_figure(const PictureReuse& pictures) {
  const std::uint64_t again = pictures.same_file + pictures.other_file + pictures.as_tiles + pictures.near;
  const std::pair<const char*, std::uint64_t> parts[] = {{"same file", pictures.same_file},
                                                         {"other file", pictures.other_file},
                                                         {"some tiles", pictures.as_tiles},
                                                         {"looks like it", pictures.near},
                                                         {"new", pictures.sent - std::min(again, pictures.sent)}};
  BarFigure bars{.title = "Pictures", .y_label = "% of pictures sent", .groups = {}, .series = {{"pictures", {}}}};
  for (const auto& [name, count] : parts) {
    bars.groups.emplace_back(name);
    bars.series.front().values.push_back(
        exactly(percent_of(static_cast<double>(count), static_cast<double>(pictures.sent))));
  }
  return {.name = "pictures", .caption = "How pictures came again.", .what = std::move(bars)};
}

Figure levels_figure(const SavingsFindings& savings) {
  BarFigure bars{.title = "Machine time saved by each level",
                 .y_label = "% of the time without a cache",
                 .groups = {},
                 .series = {{"saved", {}}}};
  for (const SavingsRow& row : savings.levels) {
    bars.groups.push_back(row.name);
    bars.series.front().values.push_back(exactly(percent_of(row.saved_ms, savings.baseline_ms)));
  }
  return {.name = "levels",
          .caption = "The share of the machine's time that each level saves, alone and together, without a bound.",
          .what = std::move(bars)};
}

Figure sizes_figure(const SavingsFindings& savings) {
  constexpr double gib = 1024.0 * 1024 * 1024;
  LineFigure lines{.title = "Machine time saved by memory",
                   .x_label = "GiB of memory",
                   .y_label = "% of the time without a cache",
                   .series = {},
                   .log_x = true};
  LineFigure::Series saved{.name = "all levels, " + savings.policy, .points = {}};
  for (const SavingsRow& row : savings.sizes)
    if (row.memory_bytes > 0)
      saved.points.push_back(
          {static_cast<double>(row.memory_bytes) / gib, exactly(percent_of(row.saved_ms, savings.baseline_ms))});
  std::ranges::sort(saved.points, {}, &LineFigure::Point::x);
  LineFigure::Series bound{.name = "without a bound", .points = {}};
  if (const SavingsRow* all = all_levels(savings)) {
    for (const LineFigure::Point& point : saved.points)
      bound.points.push_back({point.x, exactly(percent_of(all->saved_ms, savings.baseline_ms))});
  }
  lines.series = {std::move(saved), std::move(bound)};
  return {.name = "sizes", .caption = "How much memory gets how much of it.", .what = std::move(lines)};
}

Figure spoilers_figure(const std::vector<Spoiler>& spoilers) {
  BarFigure bars{.title = "What keeps requests from being found",
                 .y_label = "minutes of the machine",
                 .groups = {},
                 .series = {{"lost", {}}}};
  for (const Spoiler& spoiler : spoilers) {
    if (bars.groups.size() == drawn_spoilers_max) break;
    bars.groups.push_back(std::format("{}. {}", bars.groups.size() + 1, spoiler_place(spoiler)));
    bars.series.front().values.push_back(exactly(spoiler.ms / 60'000));
  }
  return {.name = "spoilers",
          .caption = "Machine time that the costliest of them lose, in the order of the table.",
          .what = std::move(bars)};
}

void add_reuse(Page& page, const AuditFindings& findings) {
  page.blocks.emplace_back(Heading{2, "What came again"});
  page.blocks.emplace_back(Paragraph{traffic_sentence(findings.traffic)});
  if (findings.reuse.pictures.sent > 0) page.blocks.emplace_back(pictures_figure(findings.reuse.pictures));
  add(page, again_table(findings.reuse));
  add(page, reuse_by_table(findings.reuse.by_client, "client"));
  add(page, reuse_by_table(findings.reuse.by_route, "route"));
  add(page, reuse_by_table(findings.reuse.by_model, "model"));
}

void add_savings(Page& page, const SavingsFindings& savings) {
  if (savings.levels.empty()) return;
  page.blocks.emplace_back(Heading{2, "What a cache would have saved"});
  // A figure in which nothing is above zero has no scale.
  const auto saves = [](const SavingsRow& row) { return row.saved_ms > 0; };
  if (std::ranges::any_of(savings.levels, saves)) page.blocks.emplace_back(levels_figure(savings));
  add(page, levels_table(savings));
  if (savings.sizes.size() > 1 && std::ranges::any_of(savings.sizes, saves))
    page.blocks.emplace_back(sizes_figure(savings));
  add(page, sizes_table(savings));
  add(page, tiers_table(savings));
}

void add_spoilers(Page& page, const std::vector<Spoiler>& spoilers) {
  if (spoilers.empty()) return;
  page.blocks.emplace_back(Heading{2, "What keeps requests from being found"});
  if (spoilers.size() > 1 && spoilers.front().ms > 0) page.blocks.emplace_back(spoilers_figure(spoilers));
  add(page, spoilers_table(spoilers));
}

void add_method(Page& page, const AuditFindings& findings, std::span<const std::string> notes) {
  page.blocks.emplace_back(Heading{2, "How sure this is"});
  std::vector<std::string> items = basis_sentences(findings);
  items.append_range(findings.savings.assumptions);
  items.insert(items.end(), notes.begin(), notes.end());
  page.blocks.emplace_back(Bullets{std::move(items)});
  page.blocks.emplace_back(
      Paragraph{"The report has counts, times and the names of clients, routes and models, and nothing of what "
                "requests or answers say."});
}

}  // namespace

Page audit_page(const AuditFindings& findings, std::span<const std::string> notes) {
  Page page{.title = "What this traffic wastes", .blocks = {}};
  page.blocks.emplace_back(Bullets{answer_sentences(findings)});
  add_reuse(page, findings);
  add_savings(page, findings.savings);
  add_spoilers(page, findings.spoilers);
  add_method(page, findings, notes);
  return page;
}

}  // namespace fovea
