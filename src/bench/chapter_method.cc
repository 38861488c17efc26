// The chapter on the method: machine, model, commands, and what a reader must know to judge the numbers.
#include <algorithm>
#include <format>
#include <utility>

#include "bench/bench_page.h"

namespace fovea {

void add_method_chapter(Page& page, const std::vector<BenchGroup>& groups) {
  page.blocks.emplace_back(Heading{2, "How it was measured"});
  Bullets how;
  how.items.emplace_back(
      "The client measures all times, from sending a request to the first and the last piece of its answer. The JSON "
      "of "
      "a request over HTTP is made before the clock starts.");
  how.items.emplace_back(
      "Before the first request, every target gets one that is not counted, because a process does some work only "
      "once.");
  how.items.emplace_back(
      "In turns: each request goes to all targets before the next one does, in a random order. If the machine becomes "
      "slower, it does so for all targets.");
  how.items.emplace_back(
      "A target that gets only one request in N has no cache, so its earlier requests do not matter.");
  how.items.emplace_back(
      "Control requests are about images that no other request is about. They come between the others, and only the "
      "table of what a miss costs has them.");
  how.items.emplace_back(
      "Intervals: Student's t for means, bootstrap with 2,000 resamplings for ratios, all 95 %. The second pass sends "
      "the same requests again.");
  page.blocks.emplace_back(std::move(how));
  Table table{.name = "runs",
              .caption = "The runs.",
              .head = {"scenario", "seed", "requests", "load", "model", "images", "took, min", "started"},
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
