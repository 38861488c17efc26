// The chapter on what the saved compute is worth: hours, energy and money for a thousand requests.
#include <format>

#include "bench/bench_page.h"
#include "report/number_text.h"

namespace fovea {

namespace {

constexpr double requests = 1000;
constexpr double ms_per_hour = 3.6e6;

// Image tokens per request that were not encoded: those of the images of all requests in which some level
// hit.
double image_tokens_saved(const BenchGroup& group, const std::string& target) {
  const auto records = select(group, target, is_cold);
  double pictures = 0;
  for (const BenchRecord* record : records) {
    for (const char* level : {"response", "prefix", "embedding"}) {
      const auto outcome = record->levels.find(level);
      if (outcome == record->levels.end() || outcome->second != "hit") continue;
      pictures += record->pictures;
      break;
    }
  }
  return pictures * group.head().image_tokens / static_cast<double>(records.size());
}

}  // namespace

void add_money_chapter(Page& page, const std::vector<BenchGroup>& groups, const BenchPrices& prices) {
  Table table{.name = "economics",
              .caption =
                  "What a thousand requests of the first pass save, compared with the baseline: machine time, and what "
                  "follows from it.",
              .head = {"scenario", "target", "machine hours saved", "image tokens not encoded"},
              .rows = {}};
  if (prices.watts) table.head.emplace_back("kWh saved");
  if (prices.per_gpu_hour) table.head.emplace_back("saved, at the price of an hour");
  if (prices.per_1k_image_tokens) table.head.emplace_back("saved, at the price of image tokens");
  for (const BenchGroup& group : groups) {
    const auto baseline = totals(group, group.baseline(), is_cold);
    for (const BenchTarget& target : group.head().targets) {
      const auto ms = totals(group, target.name, is_cold);
      if (ms.empty() || baseline.empty() || target.name == group.baseline()) continue;
      const double hours = requests * (mean_of(baseline).value - mean_of(ms).value) / ms_per_hour;
      const double tokens = requests * image_tokens_saved(group, target.name);
      std::vector<std::string> row = {group.name(), target.name, number_text(hours),
                                      tokens > 0 ? std::format("{:.0f}", tokens) : "-"};
      if (prices.watts) row.push_back(number_text(hours * *prices.watts / 1000));
      if (prices.per_gpu_hour) row.push_back(number_text(hours * *prices.per_gpu_hour));
      if (prices.per_1k_image_tokens)
        row.push_back(tokens > 0 ? number_text(tokens / 1000 * *prices.per_1k_image_tokens) : "-");
      table.rows.push_back(std::move(row));
    }
  }
  if (table.rows.empty()) return;
  page.blocks.emplace_back(Heading{2, "What the saved compute is worth"});
  if (prices.watts)
    page.blocks.emplace_back(Paragraph{
        std::format("Energy is an estimate: {} W for as long as the machine computes.", number_text(*prices.watts))});
  page.blocks.emplace_back(std::move(table));
}

}  // namespace fovea
