#include "app/asking.h"

#include <cstdio>
#include <optional>
#include <print>

#include "app/answer_json.h"
#include "app/progress_bar.h"
#include "app/report_text.h"
#include "app/show_attention.h"

namespace fovea::app {

Result<Answer> Asking::ask(const Request& request, const std::string& question) {
  std::optional<ProgressBar> bar;
  Listener listener;
  listener.on_encode = [&](std::size_t tile, std::size_t tiles) {
    if (!bar) bar.emplace("Looking at the picture");
    bar->update(static_cast<double>(tile) / static_cast<double>(tiles));
  };
  listener.on_text = [&](std::string_view text) {
    bar.reset();  // the answer begins where the bar was
    if (display_.json) return;
    std::print("{}", text);
    std::fflush(stdout);
  };
  auto answer = pipeline_.answer(request, listener, interrupts_.watch());
  interrupts_.unwatch();
  bar.reset();
  if (!display_.json) std::println();
  if (!answer) return answer;
  if (display_.json) std::println("{}", answer_json(question, request.sources, *answer));
  std::fflush(stdout);
  if (auto shown = show_attention(request, *answer); !shown) return std::unexpected(shown.error());
  if (display_.timings) {
    std::println(stderr, "  {}\n  {}", summary_line(answer->report), stages_line(answer->report.times));
  }
  return answer;
}

Result<void> Asking::show_attention(const Request& request, const Answer& answer) const {
  if (display_.heat_map.empty()) return {};
  if (!answer.attention)
    return fail(Fault::unsupported, "this model does not tell what it looks at: ask without --attention");
  if (!display_.json) std::print(stderr, "{}", attention_text(*answer.attention, request.sources));
  return draw_attention(*answer.attention, request.sources, display_.heat_map);
}

}  // namespace fovea::app
