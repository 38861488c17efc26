// A bar is for terminals: in a file there is none, and on a terminal it is drawn and erased.
#include "app/terminal/progress_bar.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

namespace fovea::app {
namespace {

using namespace std::chrono_literals;

// Work that lasts long enough for a bar.
void work(const char* label, const char* note = "") {
  ProgressBar bar(label);
  const auto begin = std::chrono::steady_clock::now();
  for (auto now = begin; now - begin < 600ms; now = std::chrono::steady_clock::now()) {
    bar.update(std::chrono::duration<double>(now - begin) / 600ms, note);
    std::this_thread::sleep_for(10ms);
  }
}

// What `work` prints on a terminal of this many columns. A pseudo-terminal holds more than a bar writes.
std::string on_terminal(unsigned short columns, const char* label, const char* note = "") {
  winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  int reader = -1, terminal = -1;
  if (::openpty(&reader, &terminal, nullptr, nullptr, &size) != 0) return "no pseudo-terminal";
  const int before = ::dup(STDERR_FILENO);
  ::dup2(terminal, STDERR_FILENO);
  work(label, note);
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  // What was written arrives in pieces, and the last one a moment later.
  std::string text;
  std::array<char, 4096> piece{};
  pollfd waiting{.fd = reader, .events = POLLIN, .revents = 0};
  while (::poll(&waiting, 1, 500) > 0) {
    const ssize_t read = ::read(reader, piece.data(), piece.size());
    if (read <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(read));
  }
  ::close(terminal);
  ::close(reader);
  return text;
}

class ProgressBarTest : public testing::Test {
 protected:
  void SetUp() override { ::setenv("TERM", "xterm", 1); }
  void TearDown() override { ::unsetenv("NO_COLOR"); }
};

TEST_F(ProgressBarTest, NothingIsWrittenWhereNobodyCouldSeeIt) {
  testing::internal::CaptureStderr();
  work("Loading");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "standard error is a file here";
  ::setenv("TERM", "dumb", 1);
  EXPECT_EQ(on_terminal(80, "Loading"), "");
}

TEST_F(ProgressBarTest, IsDrawnOnATerminalAndErased) {
  const std::string text = on_terminal(80, "Loading");
  EXPECT_TRUE(text.starts_with("\rLoading  \x1b[36m━")) << text;
  EXPECT_TRUE(text.contains("%")) << text;
  EXPECT_FALSE(text.contains('\n')) << "one line";
  EXPECT_TRUE(text.ends_with("\r\x1b[K")) << text;
}

TEST_F(ProgressBarTest, ANoteStandsBehindThePercentage) {
  EXPECT_TRUE(on_terminal(80, "Warming", "3 of 12").contains("%  3 of 12")) << "where there is room";
  EXPECT_TRUE(on_terminal(16, "Loading a model", "3 of 12").starts_with("\rLoading a model\x1b[K"));
}

TEST_F(ProgressBarTest, NoColorMeansNone) {
  ::setenv("NO_COLOR", "1", 1);
  const std::string text = on_terminal(80, "Loading");
  EXPECT_TRUE(text.contains("━─")) << text;
  EXPECT_FALSE(text.contains("\x1b[36m")) << text;
}

TEST_F(ProgressBarTest, ANarrowTerminalHasOnlyTheNumber) {
  const std::string text = on_terminal(16, "Loading a model");
  EXPECT_FALSE(text.contains("━")) << text;
  EXPECT_TRUE(text.starts_with("\rLoading a model\x1b[K")) << "cut to the width: " << text;
}

TEST_F(ProgressBarTest, ShortWorkHasNoBar) {
  int reader = -1, terminal = -1;
  ASSERT_EQ(::openpty(&reader, &terminal, nullptr, nullptr, nullptr), 0);
  const int before = ::dup(STDERR_FILENO);
  ::dup2(terminal, STDERR_FILENO);
  {
    ProgressBar bar("Loading");
    bar.update(0.5);
  }
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  ::fcntl(reader, F_SETFL, O_NONBLOCK);
  char byte = 0;
  EXPECT_LT(::read(reader, &byte, 1), 0) << "something was drawn";
  ::close(terminal);
  ::close(reader);
}

}  // namespace
}  // namespace fovea::app
