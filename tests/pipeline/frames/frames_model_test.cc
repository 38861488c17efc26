// The model test of near frames: whatever exact and approximate requests of several tenants, salts and
// cameras do, of frames of two sizes in two places, with purges between them,
//   1. an exact request is answered exactly, so nothing approximate lies under a key that it leads to;
//   2. an approximate one is answered from its own tiles and from those that its tenant's camera showed in
//      the same place and that were not purged since, and from no others.
// The scripted engine answers with the prompt, in which each tile is its own number, so an answer says what
// it was made from. An engine without a cache says what is exact.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <compare>
#include <format>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/frames/drawn_camera.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

constexpr std::array tenants = {"ada", "bob"};
constexpr std::array salts = {"", "salt"};
constexpr std::array cameras = {"door", "window"};
constexpr std::array<std::uint32_t, 2> sides = {32, 36};
constexpr std::array<std::size_t, 2> places = {0, 1};  // of the frame among the request's images
constexpr std::array questions = {"what?", "how many?"};

// A picture that was asked about, with its tiles' numbers.
struct Frame {
  ImageSource source;
  Key image;
  std::array<std::string, 2> tiles;
};

// Whose frames a request's are, by index, and how they are shown.
struct Client {
  std::size_t tenant, salt, camera, size, place;
  friend auto operator<=>(const Client&, const Client&) = default;
};

// Each differs from the first in one thing alone.
constexpr std::array clients = {Client{0, 0, 0, 0, 0}, Client{1, 0, 0, 0, 0}, Client{0, 1, 0, 0, 0},
                                Client{0, 0, 1, 0, 0}, Client{0, 0, 0, 1, 0}, Client{0, 0, 0, 0, 1}};

// The numbers in brackets: of the frame, which is the last image.
std::array<std::string, 2> tiles_of(const std::string& answer) {
  const std::size_t right = answer.rfind('['), left = answer.rfind('[', right - 1);
  return {answer.substr(left, answer.find(']', left) - left), answer.substr(right, answer.find(']', right) - right)};
}

class FramesModel {
 public:
  explicit FramesModel(std::uint32_t seed) : dice_(seed) {
    engine_.shows_tiles = true;
    // All cameras see the same scene: what differs between two is noise alone.
    for (const std::uint32_t side : sides) scenes_.emplace_back(seed, side);
  }

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      const int die = roll(100);
      if (die < 1)
        purge_tenant();
      else if (die < 5)
        purge_image();
      else if (die < 7)
        change_scene();
      else
        ask(die);
    }
    ask_all_exactly();
  }

  int near = 0, composed = 0, near_hits = 0;

 private:
  int roll(int count) { return std::uniform_int_distribution<int>(0, count - 1)(dice_); }
  template <typename T>
  std::size_t pick(const T& of) {
    return static_cast<std::size_t>(roll(static_cast<int>(of.size())));
  }

  Client pick_client() { return clients[pick(clients)]; }
  test::DrawnCamera& scene_of(const Client& client) { return scenes_[client.size]; }

  Request request(const Client& client, const ImageSource& source, std::size_t question) const {
    const char* tenant = tenants[client.tenant];
    Request request{.messages = {{"user", {ImageSlot{0}, questions[question]}}},
                    .sources = {source},
                    .tenant = tenant,
                    .cache_salt = salts[client.salt],
                    .camera = KeyBuilder("camera").field(tenant).field(cameras[client.camera]).finish()};
    if (places[client.place] == 1) {
      request.sources.insert(request.sources.begin(), test::plain_png(8, 8, {9, 9, 9}));
      request.messages[0].parts.insert(request.messages[0].parts.begin() + 1, ImageSlot{1});
    }
    return request;
  }

  std::string exact_answer(Request of) {
    of.camera.reset();
    return uncached_.answer(of).value().text;
  }

  void ask(int die) {
    const Client client = pick_client();
    std::vector<Frame>& frames = frames_[client];
    const bool again = !frames.empty() && roll(5) == 0;
    const ImageSource source = again ? frames[pick(frames)].source : scene_of(client).frame();
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
    if (!exact) frames.push_back({source, answer.report.images.back().image_key, tiles_of(exact_answer(of))});
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
    composed += answer.report.images.back().tiles_near == 1 ? 1 : 0;
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
    std::erase_if(frames_, [&](const auto& shown) { return shown.first.tenant == tenant; });
  }

  // Under every salt, as a purge is.
  void purge_image() {
    const Client client = pick_client();
    if (frames_[client].empty()) return;
    const Key image = frames_[client][pick(frames_[client])].image;
    pipeline_.purge(image, tenants[client.tenant]);
    for (auto& [of, frames] : frames_) {
      if (of.tenant != client.tenant) continue;
      std::erase_if(frames, [&](const Frame& frame) {
        if (frame.image == image) gone_.emplace_back(of, frame.source);
        return frame.image == image;
      });
    }
  }

  void change_scene() {
    const float levels = roll(2) == 0 ? 40.0F : -40.0F;
    test::DrawnCamera& scene = scenes_[pick(scenes_)];
    scene.paint(static_cast<std::uint32_t>(roll(static_cast<int>(scene.width) - 6)),
                static_cast<std::uint32_t>(roll(static_cast<int>(scene.height) - 6)), 6, levels);
  }

  // Whatever is stored under the key of any picture that was ever shown is found by an exact request.
  void ask_all_exactly() {
    const auto ask_exactly = [&](const Client& client, const ImageSource& source) {
      Request of = request(client, source, pick(questions));
      of.camera.reset();
      ASSERT_EQ(pipeline_.answer(of).value().text, exact_answer(of));
    };
    for (const auto& [client, frames] : frames_) {
      for (const Frame& frame : frames) ask_exactly(client, frame.source);
    }
    for (const auto& [client, source] : gone_) ask_exactly(client, source);
  }

  std::mt19937 dice_;
  std::vector<test::DrawnCamera> scenes_;
  test::ScriptedEngine engine_, uncached_engine_;
  Pipeline pipeline_{engine_, {.frames = FrameOptions{.exact_every = 12}}};
  Pipeline uncached_{uncached_engine_, {.embedding_bytes_max = 0, .prefix_bytes_max = 0, .response_bytes_max = 0}};
  std::map<Client, std::vector<Frame>> frames_;  // shown and not purged since
  std::vector<std::pair<Client, ImageSource>> gone_;
};

TEST(FramesModel, ExactAnswersAreExactAndNearOnesAreTheirOwnCamerasTiles) {
  for (const std::uint32_t seed : {1U, std::random_device{}()}) {
    SCOPED_TRACE(std::format("seed {}", seed));
    FramesModel model(seed);
    model.run(1000);
    EXPECT_GT(model.near, 50) << "else nothing was tested";
    EXPECT_GT(model.composed, 5);
    EXPECT_GT(model.near_hits, 5);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace fovea
