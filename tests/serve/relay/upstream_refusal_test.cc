#include "serve/relay/upstream_refusal.h"

#include <gtest/gtest.h>

namespace fovea::serve {
namespace {

TEST(UpstreamRefusal, TellsTheKindOfFailureAndNoAddress) {
  for (const Fault fault : {Fault::unavailable, Fault::timed_out, Fault::too_large, Fault::invalid, Fault::corrupt}) {
    const Refusal refusal = upstream_refusal({fault, "the upstream server, 10.0.0.7:8000: no answer", {}});
    EXPECT_FALSE(refusal.message.contains("10.0.0.7")) << refusal.message;
    EXPECT_NE(refusal.code, "overloaded");
  }
  const Refusal down = upstream_refusal({Fault::unavailable, "down", {}});
  EXPECT_EQ(down.status, 502);
  EXPECT_EQ(down.code, "upstream_unavailable");
  EXPECT_EQ(upstream_refusal({Fault::timed_out, "late", {}}).status, 504);
  EXPECT_EQ(upstream_refusal({Fault::cancelled, "gone", {}}).status, 499);
}

}  // namespace
}  // namespace fovea::serve
