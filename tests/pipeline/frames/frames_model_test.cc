// The model test of near frames: whatever exact and approximate requests of several tenants, salts and
// cameras do, with purges between them,
//   1. an exact request is answered exactly, so nothing approximate lies under a key that it leads to;
//   2. an approximate one is answered from its own tiles and from those that its tenant's camera showed in
//      the same place and that were not purged since, and from no others.
// The scripted engine answers with the prompt, in which each tile is its own number, so an answer says what
// it was made from. An engine without a cache says what is exact.
#include <gtest/gtest.h>

#include <array>
#include <format>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "pipeline/frames/drawn_camera.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

constexpr std::array tenants = {"ada", "bob", "eve"};
constexpr std::array salts = {"", "salt"};
constexpr std::array cameras = {"door", "window"};
constexpr std::array questions = {"what?", "how many?"};

// A picture that was asked about, with its tiles' numbers.
struct Frame {
  ImageSource source;
  Key image;
  std::array<std::string, 2> tiles;
};

// Whose frames a request's are: tenant, salt, camera.
using Client = std::tuple<std::size_t, std::size_t, std::size_t>;

// The numbers in brackets.
std::array<std::string, 2> tiles_of(const std::string& answer) {
  const std::size_t left = answer.find('['), right = answer.rfind('[');
  return {answer.substr(left, answer.find(']', left) - left), answer.substr(right, answer.find(']', right) - right)};
}

class FramesModel {
 public:
  explicit FramesModel(std::uint32_t seed) : dice_(seed) {
    engine_.shows_tiles = true;
    // The two cameras of all tenants see two scenes: what differs between tenants is noise alone.
    for (std::size_t i = 0; i < cameras.size(); ++i) scenes_.emplace_back(seed * 10 + static_cast<std::uint32_t>(i));
  }

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      const int die = roll(100);
      if (die < 3)
        purge_tenant();
      else if (die < 8)
        purge_image();
      else if (die < 10)
        change_scene();
      else
        ask(die);
    }
    ask_all_exactly();
  }

  int near = 0, composed = 0, near_hits = 0;

 private:
  int roll(int sides) { return std::uniform_int_distribution<int>(0, sides - 1)(dice_); }
  template <typename T>
  std::size_t pick(const T& of) {
    return static_cast<std::size_t>(roll(static_cast<int>(of.size())));
  }

  Request request(const Client& client, const ImageSource& source, std::size_t question) const {
    const auto [tenant, salt, camera] = client;
    return {.messages = {{"user", {ImageSlot{0}, questions[question]}}},
            .sources = {source},
            .tenant = tenants[tenant],
            .cache_salt = salts[salt],
            .camera = KeyBuilder("camera").field(tenants[tenant]).field(cameras[camera]).finish()};
  }

  std::string exact_answer(Request of) {
    of.camera.reset();
    return uncached_.answer(of).value().text;
  }

  void ask(int die) {
    const Client client{pick(tenants), pick(salts), pick(cameras)};
    std::vector<Frame>& frames = frames_[client];
    const bool again = !frames.empty() && roll(5) == 0;
    const ImageSource source = again ? frames[pick(frames)].source : scenes_[std::get<2>(client)].frame();
    Request of = request(client, source, pick(questions));
    bool exact = false;
    if (die < 20) {
      of.camera.reset();
      exact = true;
    } else if (die < 28) {
      of.cache = {.read = roll(2) == 0, .write = false};
      exact = true;
    } else if (die < 32) {
      of.cache.read = false;
      exact = true;
    }
    const Answer answer = pipeline_.answer(of).value();
    check_answer(client, of, answer, exact);
    if (!exact) frames.push_back({source, answer.report.images[0].image_key, tiles_of(exact_answer(of))});
  }

  void check_answer(const Client& client, const Request& of, const Answer& answer, bool exact) {
    const std::string expected = exact_answer(of);
    const FramesReport& report = *answer.report.frames;
    if (exact || report.tiles_near == 0) {
      ASSERT_EQ(answer.text, expected);
      ASSERT_EQ(report.approximate_tokens, 0);
      return;
    }
    near += static_cast<int>(report.tiles_near);
    composed += report.tiles_near == 1 ? 1 : 0;
    near_hits += answer.report.response == Outcome::hit ? 1 : 0;
    ASSERT_EQ(report.approximate_tokens, static_cast<std::int32_t>(report.tiles_near));
    const auto own = tiles_of(expected), said = tiles_of(answer.text);
    for (std::size_t tile = 0; tile < said.size(); ++tile) {
      const bool seen =
          std::ranges::any_of(frames_[client], [&](const Frame& f) { return f.tiles[tile] == said[tile]; });
      ASSERT_TRUE(said[tile] == own[tile] || seen) << "tile " << tile << " is of no frame that this camera has shown";
    }
  }

  void purge_tenant() {
    const std::size_t tenant = pick(tenants);
    pipeline_.purge(tenants[tenant]);
    std::erase_if(frames_, [&](const auto& shown) { return std::get<0>(shown.first) == tenant; });
  }

  // Under every salt, as a purge is.
  void purge_image() {
    const Client client{pick(tenants), pick(salts), pick(cameras)};
    if (frames_[client].empty()) return;
    const Key image = frames_[client][pick(frames_[client])].image;
    pipeline_.purge(image, tenants[std::get<0>(client)]);
    for (auto& [of, frames] : frames_) {
      if (std::get<0>(of) != std::get<0>(client)) continue;
      std::erase_if(frames, [&](const Frame& frame) {
        if (frame.image == image) gone_.emplace_back(of, frame.source);
        return frame.image == image;
      });
    }
  }

  void change_scene() {
    const float levels = roll(2) == 0 ? 40.0F : -40.0F;
    scenes_[pick(scenes_)].paint(static_cast<std::uint32_t>(roll(DrawnWidth - 6)),
                                 static_cast<std::uint32_t>(roll(DrawnHeight - 6)), 6, levels);
  }

  // Whatever is stored under the key of any picture that was ever shown is found by an exact request.
  void ask_all_exactly() {
    const auto ask_exactly = [&](const Client& client, const ImageSource& source) {
      for (std::size_t question = 0; question < questions.size(); ++question) {
        Request of = request(client, source, question);
        of.camera.reset();
        ASSERT_EQ(pipeline_.answer(of).value().text, exact_answer(of));
      }
    };
    for (const auto& [client, frames] : frames_) {
      for (const Frame& frame : frames) ask_exactly(client, frame.source);
    }
    for (const auto& [client, source] : gone_) ask_exactly(client, source);
  }

  static constexpr int DrawnWidth = test::DrawnCamera::width, DrawnHeight = test::DrawnCamera::height;

  std::mt19937 dice_;
  std::vector<test::DrawnCamera> scenes_;
  test::ScriptedEngine engine_, uncached_engine_;
  Pipeline pipeline_{engine_, {.frames = FrameOptions{.exact_every = 12}}};
  Pipeline uncached_{uncached_engine_, {.embedding_bytes_max = 0, .prefix_bytes_max = 0, .response_bytes_max = 0}};
  std::map<Client, std::vector<Frame>> frames_;  // shown and not purged since
  std::vector<std::pair<Client, ImageSource>> gone_;
};

TEST(FramesModel, ExactAnswersAreExactAndNearOnesAreTheirOwnCamerasTiles) {
  for (const std::uint32_t seed : {1U, 2U, std::random_device{}()}) {
    SCOPED_TRACE(std::format("seed {}", seed));
    FramesModel model(seed);
    model.run(1500);
    EXPECT_GT(model.near, 50) << "else nothing was tested";
    EXPECT_GT(model.composed, 5);
    EXPECT_GT(model.near_hits, 5);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace fovea
