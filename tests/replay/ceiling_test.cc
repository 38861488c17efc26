#include "replay/ceiling.h"

#include <gtest/gtest.h>

#include "fovea/level.h"
#include "replay/traces.h"

namespace fovea {
namespace {

constexpr std::uint64_t overhead = Level::entry_overhead_bytes;

TEST(Ceiling, MissesOnlyWhatIsNew) {
  TraceScript script(3);
  script.request().response(0, 10, 100, 2).embedding(2, 1000, 60);
  script.request().response(1, 10, 100, 2).embedding(2, 1500, 60);
  script.request().response(0, 10, 100, 2).embedding(2, 1000, 60);
  const ReplayOutcome ceiling = compulsory_ceiling(script.trace());
  EXPECT_EQ(ceiling.saved_ms, 160);
  EXPECT_EQ(ceiling.hits, 2u);
  EXPECT_EQ(working_set_bytes(script.trace()), 10 + 10 + 1500 + 3 * overhead);
}

}  // namespace
}  // namespace fovea
