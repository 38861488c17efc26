#include "engine/generate_checks.h"

#include <gtest/gtest.h>

#include <limits>

namespace fovea {
namespace {

TEST(GenerateChecks, TakeWhatIsInItsRange) {
  EXPECT_TRUE(check_generate({}, 10));
  EXPECT_TRUE(check_generate({.temperature = 2, .top_p = 0.5, .frequency_penalty = -2}, 10));
  EXPECT_TRUE(check_generate({.logit_bias = {{9, -100}}}, 10));
}

TEST(GenerateChecks, NameWhatIsNot) {
  const auto message = [](const GenerateOptions& options) {
    const auto checked = check_generate(options, 10);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_TRUE(message({.temperature = -1}).starts_with("temperature is -1"));
  EXPECT_TRUE(message({.top_p = std::numeric_limits<double>::quiet_NaN()}).starts_with("top_p is nan"));
  EXPECT_TRUE(message({.presence_penalty = 3}).starts_with("presence_penalty is 3"));
  EXPECT_TRUE(message({.logit_bias = {{10, 0}}}).contains("0 to 9"));
  EXPECT_TRUE(message({.logit_bias = {{1, 101}}}).contains("logit_bias is 101"));
  EXPECT_TRUE(message({.logit_bias = std::vector<LogitBias>(1025, {1, 0})}).contains("at most 1024"));
}

}  // namespace
}  // namespace fovea
