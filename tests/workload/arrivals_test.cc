#include "workload/arrivals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace fovea {
namespace {

TEST(Arrivals, PoissonKeepsItsRateAndItsOrder) {
  const auto arrivals = poisson_arrivals(4, 20'000, 9);
  EXPECT_TRUE(std::ranges::is_sorted(arrivals));
  EXPECT_NEAR(arrivals.back() / 20'000, 250, 10);  // ms between two
  std::size_t close = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) close += arrivals[i] - arrivals[i - 1] < 250;
  EXPECT_NEAR(static_cast<double>(close) / 20'000, 0.632, 0.02);  // 1 - 1/e of an exponential lie below its mean
  EXPECT_EQ(poisson_arrivals(4, 3, 9), std::vector<double>(arrivals.begin(), arrivals.begin() + 3));
}

class ArrivalsFile : public testing::Test {
 protected:
  std::string write(const char* text) const {
    std::ofstream(path_) << text;
    return path_;
  }
  ~ArrivalsFile() override { std::filesystem::remove(path_); }
  const std::string path_ = testing::TempDir() + "/fovea-arrivals-" + std::to_string(::getpid()) + ".csv";
};

TEST_F(ArrivalsFile, TimesOfDayAndSeconds) {
  const auto times =
      read_arrivals(write("TIMESTAMP,ContextTokens\n2023-11-16 18:15:46.500000,1\n2023-11-16 18:15:47.7500000,2\n"));
  ASSERT_TRUE(times) << times.error().message;
  EXPECT_EQ(*times, (std::vector<double>{0, 1250}));
  const auto seconds = read_arrivals(write("10\n10.5\n12\n"));
  ASSERT_TRUE(seconds);
  EXPECT_EQ(*seconds, (std::vector<double>{0, 500, 2000}));
}

TEST_F(ArrivalsFile, SaysWhatIsWrong) {
  for (const char* text : {"", "time\n", "1\nx\n", "2\n1\n", "a\nb\n", "1\n\n2\n"}) {
    const auto arrivals = read_arrivals(write(text));
    ASSERT_FALSE(arrivals) << text;
    EXPECT_EQ(arrivals.error().fault, Fault::invalid);
  }
}

}  // namespace
}  // namespace fovea
