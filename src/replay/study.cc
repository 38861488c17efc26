#include "replay/study.h"

#include "replay/ceiling.h"
#include "replay/offline_greedy.h"
#include "replay/replay.h"
#include "replay/upper_bound.h"

namespace fovea {

Study study(const Trace& trace, std::span<const PolicyKind> policies, std::span<const StudyBudget> budgets,
            const Progress& progress) {
  const double steps = static_cast<double>(budgets.size() * (policies.size() + 1));
  double done = 0;
  const Progress step = [&](double fraction) { report_progress(progress, (done + fraction) / steps); };

  Study result{.trace = trace.name, .lookups = trace.lookups.size(), .keys = trace.keys};
  result.ceiling = compulsory_ceiling(trace);
  result.requests = result.ceiling.requests;
  result.working_set_bytes = working_set_bytes(trace);
  const UpperBound bound(trace);
  const std::vector<std::uint32_t> next = next_uses(trace);
  for (const StudyBudget& budget : budgets) {
    StudyAtBudget& at = result.budgets.emplace_back(StudyAtBudget{.budget = budget});
    at.upper_bound_ms = bound.saved_ms(budget.plan.total_bytes());
    at.offline_greedy = offline_greedy(trace, next, budget.plan, step);
    done += 1;
    for (const PolicyKind policy : policies) {
      at.rows.push_back({policy, replay(trace, policy, budget.plan, step)});
      done += 1;
    }
  }
  return result;
}

}  // namespace fovea
