// Profiles have a few measured points; between and beyond them is a line, as profile/draft_gain.h draws it.
#include "engine/modelled/modelled_times.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/check.h"

namespace fovea {

namespace {

constexpr double state_bytes_max = 1e15;  // far more than fits anywhere, and far less than a number holds

// Between two measured numbers of tokens on the line between them, beyond the last on the line through the
// last two. Never below 0.
double work_ms(std::span<const WorkTime> measured, std::uint32_t tokens) {
  check(!measured.empty(), "some work was measured");
  if (measured.size() == 1) return measured.front().ms;
  std::size_t above = 1;
  while (above + 1 < measured.size() && measured[above].tokens < tokens) ++above;
  const WorkTime &low = measured[above - 1], &high = measured[above];
  const double part = (static_cast<double>(tokens) - low.tokens) / (static_cast<double>(high.tokens) - low.tokens);
  return std::max(low.ms + part * (high.ms - low.ms), 0.0);
}

}  // namespace

// Fewer tokens than were measured: at least as fast as one by one.
double text_prefill_ms(const ModelledTimes& times, std::uint32_t tokens) {
  if (tokens == 0) return 0;
  const WorkTime& least = times.prefill.front();
  if (tokens >= least.tokens) return work_ms(times.prefill, tokens);
  return std::min(least.ms, tokens * decode_step_ms(times, 1));
}

double decode_step_ms(const ModelledTimes& times, std::uint32_t answers) {
  check(answers > 0, "a step decodes an answer");
  return work_ms(times.decode, answers);
}

std::uint64_t state_bytes(const ModelledTimes& times, std::uint32_t tokens) {
  return static_cast<std::uint64_t>(std::llround(std::min(times.state_bytes_of_token * tokens, state_bytes_max)));
}

double state_out_ms(const ModelledTimes& times, std::uint32_t tokens) { return times.state_out_ms_of_token * tokens; }

double state_in_ms(const ModelledTimes& times, std::uint32_t tokens) { return times.state_in_ms_of_token * tokens; }

}  // namespace fovea
