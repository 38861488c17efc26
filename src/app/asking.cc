// A progress bar stands where the answer will: it goes away with the first text.
#include "app/asking.h"

#include <cstdio>
#include <optional>
#include <print>

#include "app/output/answer_json.h"
#include "app/output/report_text.h"
#include "app/output/show_attention.h"
#include "app/terminal/progress_bar.h"

namespace fovea::app {

Result<Answer> Asking::ask(const Request& request, const std::string& question) {
  std::optional<ProgressBar> bar;
  Listener listener;
  listener.on_encode = [&](std::size_t tile, std::size_t tiles) {
    if (!bar) bar.emplace("Encoding the picture");
    bar->update(static_cast<double>(tile) / static_cast<double>(tiles));
  };
  listener.on_text = [&](std::string_view text) {
    bar.reset();
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
  warn_without_attention(*answer);
  if (auto shown = show_attention(request, *answer); !shown) return std::unexpected(shown.error());
  if (display_.timings) {
    std::println(stderr, "  {}\n  {}", summary_line(answer->report), stages_line(answer->report.times));
  }
  return answer;
}

void Asking::warn_without_attention(const Answer& answer) {
  const bool wanted = display_.by_importance || !display_.heat_map.empty();
  // A cached answer was not computed, so it has no attention of its own.
  const bool known = answer.report.importance || answer.report.response == Outcome::hit;
  if (!wanted || known || warned_) return;
  warned_ = true;
  std::println(stderr,
               "fovea: this model gives no attention, so the importance of its answers is unknown: no heat map is "
               "drawn, and policies work without importance");
}

Result<void> Asking::show_attention(const Request& request, const Answer& answer) const {
  if (display_.heat_map.empty() || !answer.attention) return {};
  if (!display_.json) std::print(stderr, "{}", attention_text(*answer.attention, request.sources));
  return draw_attention(*answer.attention, request.sources, display_.heat_map);
}

}  // namespace fovea::app
