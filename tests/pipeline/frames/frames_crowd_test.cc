// Near frames under many threads: two cameras whose frames, questions, purges and exact requests come at the
// same time. What is exact is exact, and what is near shows tiles of its own camera.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "pipeline/frames/drawn_camera.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

// The numbers of a picture's tiles, which the scripted engine answers with.
std::array<std::string, 2> tiles_of(const std::string& answer) {
  const std::size_t right = answer.rfind('['), left = answer.rfind('[', right - 1);
  return {answer.substr(left, right - left), answer.substr(right, answer.find(']', right) - right)};
}

// What a camera has shown.
class Shown {
 public:
  void add(const std::array<std::string, 2>& tiles) {
    MutexLock lock(mutex_);
    shown_.push_back(tiles);
  }
  bool contains(std::size_t place, const std::string& tile) const {
    MutexLock lock(mutex_);
    return std::ranges::any_of(shown_, [&](const auto& tiles) { return tiles[place] == tile; });
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::array<std::string, 2>> shown_ FOVEA_GUARDED_BY(mutex_);
};

TEST(FramesCrowd, ManyThreadsGetTheirOwnCamerasTiles) {
  constexpr unsigned threads = 4, frames = 60;
  constexpr std::array cameras = {"door", "window"};
  test::ScriptedEngine engine, uncached_engine;
  engine.shows_tiles = true;
  Pipeline pipeline(engine, {.frames = FrameOptions{.exact_every = 12}});
  Pipeline uncached(uncached_engine, {.embedding_bytes_max = 0, .prefix_bytes_max = 0, .response_bytes_max = 0});
  std::array<Shown, cameras.size()> shown;
  std::atomic<int> near = 0;

  const auto ask = [&](std::size_t camera, Request request) {
    const std::string exact = uncached.answer(request).value().text;
    request.camera = KeyBuilder("camera").field(cameras[camera]).finish();
    shown[camera].add(tiles_of(exact));
    const Answer answer = pipeline.answer(request).value();
    const auto said = tiles_of(answer.text);
    for (std::size_t place = 0; place < said.size(); ++place) EXPECT_TRUE(shown[camera].contains(place, said[place]));
    if (answer.report.frames->tiles_near == 0) {
      EXPECT_EQ(answer.text, exact);
    }
    request.camera.reset();
    if (answer.report.frames->tiles_near > 0) {
      EXPECT_EQ(pipeline.answer(request).value().text, exact) << "the same frame, and no camera";
    }
    return answer.report;
  };
  const auto question = [](test::DrawnCamera& scene, unsigned i) {
    return Request{.messages = {{"user", {ImageSlot{0}, i % 3 == 0 ? "what?" : "why?"}}},
                   .sources = {scene.frame()},
                   .tenant = "ada"};
  };
  // The same scene for all, with noise of its own.
  const auto client = [&](unsigned number) {
    const std::size_t camera = number % cameras.size();
    test::DrawnCamera scene(7, 32, 2, number + 1);
    for (unsigned i = 0; i < frames; ++i) {
      const RequestReport report = ask(camera, question(scene, i));
      near += static_cast<int>(report.frames->tiles_near);
      if (number == 0 && i % 25 == 23) pipeline.purge(report.images[0].image_key, "ada");
      if (number == 1 && i % 25 == 23) pipeline.purge("bob");
    }
  };
  // Each camera's noise is known before, so that what is near does not hang on who comes first.
  for (std::size_t camera = 0; camera < cameras.size(); ++camera) {
    test::DrawnCamera scene(7, 32, 2, 99);
    bool warm = false;
    for (unsigned i = 0; i < frames && !warm; ++i) warm = ask(camera, question(scene, i)).frames->tiles_near == 2;
    ASSERT_TRUE(warm);
  }
  {
    std::vector<std::jthread> clients;
    for (unsigned number = 0; number < threads; ++number) clients.emplace_back(client, number);
  }
  EXPECT_GT(near, 20) << "else nothing was tested";
  EXPECT_EQ(pipeline.computing(), 0u);
  pipeline.purge("ada");
  EXPECT_EQ(pipeline.frame_memory()->bytes, 0u);
}

}  // namespace
}  // namespace fovea
