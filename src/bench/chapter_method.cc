// How it was measured: the machine, the model, the commands, and what one has to know to believe the numbers.
#include <algorithm>
#include <format>
#include <utility>

#include "bench/bench_page.h"

namespace fovea {

void add_method_chapter(Page& page, const std::vector<BenchGroup>& groups) {
  page.blocks.emplace_back(Heading{2, "How it was measured"});
  Bullets how;
  how.items.emplace_back(
      "Times are the client's: from the request until the first and the last piece of its text. Requests over HTTP are "
      "put into JSON before the clock starts.");
  how.items.emplace_back(
      "Before the first request everybody is asked one that is not counted: what a process does once.");
  how.items.emplace_back(
      "In turns: each request is asked of everybody before the next one, in an order of chance, so that a machine that "
      "slows down slows down all.");
  how.items.emplace_back(
      "A target that is asked one request in so many computes everything anew, so that it does not matter what it was "
      "asked before.");
  how.items.emplace_back(
      "Control requests, about pictures that nobody saw before or after, stand between the others and are in no table "
      "but their own.");
  how.items.emplace_back(
      "Intervals: Student's t for means, bootstrap with 2,000 resamplings for ratios, all 95 %. The second pass asks "
      "the same requests again.");
  page.blocks.emplace_back(std::move(how));
  Table table{.name = "runs",
              .caption = "The runs.",
              .head = {"scenario", "seed", "requests", "load", "model", "pictures", "took, min", "started"},
              .rows = {}};
  std::vector<std::string> machines, commands;
  const auto remember = [](std::vector<std::string>& all, const std::string& text) {
    if (!text.empty() && !std::ranges::contains(all, text)) all.push_back(text);
  };
  for (const BenchGroup& group : groups) {
    for (const BenchRun* run : group.runs) {
      const BenchHead& head = run->head;
      table.rows.push_back({group.name(), std::to_string(head.seed), std::to_string(head.scenario.workload.requests),
                            head.load, head.model,
                            std::format("{}, {} x {}", head.pictures, head.scenario.width, head.scenario.height),
                            std::format("{:.1f}", run->tail.took_ms / 60'000), head.started});
      remember(machines,
               std::format("{}{}{}; {}", head.machine, head.note.empty() ? "" : "; ", head.note, head.settings));
      remember(commands, head.command);
    }
  }
  page.blocks.emplace_back(std::move(table));
  page.blocks.emplace_back(Bullets{machines});
  std::string text;
  for (const std::string& command : commands) text += command + "\n";
  page.blocks.emplace_back(Listing{std::move(text)});
}

}  // namespace fovea
