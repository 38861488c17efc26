// Each update decides whether a line is due; nothing runs in the background. The line is written past stdio,
// so that it never waits in a buffer or mixes with one.
#include "app/terminal/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <format>
#include <string_view>

namespace fovea::app {

namespace {

using namespace std::chrono_literals;

constexpr auto appears_after = 300ms;    // shorter work ends before a person could read the bar
constexpr auto redrawn_every = 100ms;    // looks smooth, and costs little on a slow connection
constexpr double estimate_from_s = 1.0;  // before it, and before a twentieth is done, the time left is a guess
constexpr double estimate_from_fraction = 0.05;
constexpr std::size_t columns_default = 80;
constexpr std::size_t cells_max = 30;  // of the bar; a wider one tells no more
constexpr std::size_t cells_min = 5;   // with fewer, only the percentage is shown

bool terminal_draws() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

// NO_COLOR with any value but an empty one means no colour (no-color.org).
bool colour_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color == nullptr || *no_color == '\0';
}

// The width of the terminal, read for each line, since a window can be resized.
std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : columns_default;
}

std::string time_left(double fraction, double elapsed_s) {
  if (elapsed_s < estimate_from_s || fraction < estimate_from_fraction) return "";
  const auto seconds = static_cast<long>(std::ceil(elapsed_s * (1 - fraction) / fraction));
  if (seconds < 60) return std::format("  {} s left", seconds);
  if (seconds < 3600) return std::format("  {} min left", (seconds + 59) / 60);
  return std::format("  {:.1f} h left", static_cast<double>(seconds) / 3600);
}

// What the terminal does not accept is lost, and does no harm.
void put(std::string_view text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

ProgressBar::ProgressBar(std::string label)
    : label_(std::move(label)), enabled_(terminal_draws()), colour_(colour_wanted()) {}

ProgressBar::~ProgressBar() {
  if (drawn_) put("\r\x1b[K");
}

void ProgressBar::update(double fraction, std::string_view note) {
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  if (now - started_ < appears_after || now - last_drawn_ < redrawn_every) return;
  last_drawn_ = now;
  drawn_ = true;
  const double elapsed_s = std::chrono::duration<double>(now - started_).count();
  put("\r" + line(std::clamp(fraction, 0.0, 1.0), elapsed_s, note) + "\x1b[K");
}

// Label, bar, percentage, note and time left. A narrow terminal gets no bar. The line is narrower than the
// terminal, whose last column would wrap.
std::string ProgressBar::line(double fraction, double elapsed_s, std::string_view note) const {
  std::string percent = std::format("{:3.0f}%", std::floor(fraction * 100));
  if (!note.empty()) percent.append("  ").append(note);
  const std::string left = time_left(fraction, elapsed_s);
  const std::size_t width_max = columns() - 1;
  const std::size_t taken = label_.size() + percent.size() + left.size() + 4;  // two gaps of two columns
  const std::size_t cells = std::min(cells_max, width_max > taken ? width_max - taken : 0);
  if (cells < cells_min) return (label_ + "  " + percent).substr(0, width_max);

  const auto full = static_cast<std::size_t>(fraction * static_cast<double>(cells));
  std::string bar;
  for (std::size_t i = 0; i < cells; ++i) {
    if (colour_ && i == 0) bar += "\x1b[36m";
    if (colour_ && i == full) bar += "\x1b[2m";
    bar += i < full ? "━" : colour_ ? "━" : "─";
  }
  if (colour_) bar += "\x1b[0m";
  return std::format("{}  {}  {}{}", label_, bar, percent, left);
}

}  // namespace fovea::app
