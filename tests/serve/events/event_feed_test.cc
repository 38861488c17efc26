// One reader's stream, on one thread: what happens while a client reads slowly happens in its stream's wait.
#include "serve/events/event_feed.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "serve/events/event_text.h"
#include "store/memory_store.h"

namespace fovea::serve {
namespace {

constexpr std::chrono::hours never{1};
const Key scope = KeyBuilder("scope").finish(), tenant = KeyBuilder("tenant").finish();

Key image(int number) { return KeyBuilder("image").field(number).finish(); }

// A client's end of a stream: remembers what comes, and does the next of `meanwhile` behind each piece.
class Script final : public BodyStream {
 public:
  bool send(std::string_view bytes) override {
    pieces.emplace_back(bytes);
    return !left;
  }
  bool wait_for_room() override {
    if (next_ < meanwhile.size()) meanwhile[next_++]();
    return !left;
  }
  void abort() override { left = true; }

  // The names of all events, with those of comments, by their order.
  std::vector<std::string> events() const {
    std::string all;
    for (const std::string& piece : pieces) all += piece;
    std::vector<std::string> names;
    for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1) {
      const std::string_view line = std::string_view(all).substr(at, all.find('\n', at) - at);
      if (line.starts_with("event: ")) names.emplace_back(line.substr(7));
      if (line.starts_with(":")) names.emplace_back("comment");
    }
    return names;
  }

  std::vector<std::function<void()>> meanwhile;
  std::vector<std::string> pieces;
  bool left = false;

 private:
  std::size_t next_ = 0;
};

class EventFeedTest : public testing::Test {
 protected:
  EventFeedTest() { store_.tell(events); }

  void store(int number) {
    const Blob record =
        encode_record({.kind = RecordKind::embedding, .scope = scope, .cost_ms = 5}, std::span<const std::byte>());
    store_.insert(KeyBuilder("entry").field(number).finish(), record,
                  {.tenant = tenant, .images = std::array{image(number)}});
  }
  // Follows until the script is over, and then leaves.
  void run(std::optional<EventCursor> cursor = {}, std::chrono::milliseconds keep_alive = never) {
    stream.meanwhile.emplace_back([this] { stop.request_stop(); });
    feed(keep_alive).run(cursor, stop.get_token());
  }
  EventFeed feed(std::chrono::milliseconds keep_alive = never) {
    return EventFeed({.events = events, .stream = stream, .tenants = tenants, .keep_alive = keep_alive});
  }

  PictureEvents events{{.events_max = 4}};
  MemoryStore store_{RecordKind::embedding, {.bytes_max = 1 << 20}};
  const PictureEvents::Reader reader = events.follow();
  const Tenants tenants;
  Script stream;
  std::stop_source stop;
};

TEST_F(EventFeedTest, BeginsWithWhatIsHeld) {
  store(1);
  store(2);
  const EventCursor held = events.now();
  stream.meanwhile = {[] {}, [] {}, [this] { store(3); }};
  run();
  EXPECT_EQ(stream.events(), (std::vector<std::string>{"reset", "stored", "stored", "snapshot", "stored"}));
  EXPECT_EQ(stream.pieces[0], reset_text(0));
  EXPECT_EQ(stream.pieces[2], snapshot_text(2, held));
  EXPECT_TRUE(stream.pieces[3].contains("id: " + event_id({held.recording, held.sequence + 1}) + "\n"));
  EXPECT_TRUE(stream.pieces[3].contains(image(3).hex()));
}

TEST_F(EventFeedTest, ALargeSnapshotComesInPieces) {
  for (int i = 0; i < 600; ++i) store(i);
  stream.meanwhile.resize(4, [] {});
  run();
  EXPECT_EQ(stream.pieces.size(), 5u) << "its beginning, 256, 256, 88, its end";
  EXPECT_EQ(stream.events().size(), 602u);
}

TEST_F(EventFeedTest, GoesOnBehindTheLastEventThatTheClientSaw) {
  store(1);
  const EventCursor seen = events.now();
  store(2);
  store(3);
  run(seen);
  ASSERT_EQ(stream.pieces.size(), 1u);
  EXPECT_EQ(stream.events(), (std::vector<std::string>{"stored", "stored"}));
  EXPECT_FALSE(stream.pieces[0].contains(image(1).hex())) << "it has that";
}

TEST_F(EventFeedTest, AClientThatReadsTooSlowlyIsTold) {
  stream.meanwhile = {[] {}, [this] { store(1); },
                      [this] {
                        for (int i = 2; i < 9; ++i) store(i);
                      },
                      [] {}, [] {}};
  run();
  const std::vector<std::string> expected = {"reset",  "snapshot", "stored", "reset",  "stored", "stored",  "stored",
                                             "stored", "stored",   "stored", "stored", "stored", "snapshot"};
  EXPECT_EQ(stream.events(), expected);
  EXPECT_EQ(stream.pieces[3], reset_text(3)) << "seven came, and four are kept";
}

TEST_F(EventFeedTest, AnIdOfAnotherRecordingIsAnswered) {
  store(1);
  stream.meanwhile = {[] {}, [] {}};
  run(EventCursor{1, 1});
  EXPECT_EQ(stream.pieces[0], reset_text({}));
  EXPECT_EQ(stream.events(), (std::vector<std::string>{"reset", "stored", "snapshot"}));
}

TEST_F(EventFeedTest, SaysThatItIsThereWhereNothingHappens) {
  stream.meanwhile = {[] {}};
  run(events.now(), std::chrono::milliseconds(1));
  EXPECT_EQ(stream.events(), (std::vector<std::string>{"comment", "comment"}));
}

TEST_F(EventFeedTest, EndsWhenItsClientLeaves) {
  store(1);
  stream.meanwhile = {[this] { stream.left = true; }};
  feed().run({}, {});
  EXPECT_EQ(stream.pieces.size(), 1u);
}

TEST_F(EventFeedTest, AServerThatStopsWaitsForNoClient) {
  store(1);
  bool aborted_while_waiting = false;
  stream.meanwhile = {[&] {
    stop.request_stop();
    aborted_while_waiting = stream.left;
  }};
  feed().run({}, stop.get_token());
  EXPECT_TRUE(aborted_while_waiting) << "it has not read everything";
  EXPECT_EQ(stream.pieces.size(), 1u);
}

TEST_F(EventFeedTest, AClientThatIsNotWaitedForSeesTheEndOfItsStream) {
  stop.request_stop();
  feed().run({}, stop.get_token());
  EXPECT_EQ(stream.events(), std::vector<std::string>{"reset"});
  EXPECT_FALSE(stream.left);
}

TEST_F(EventFeedTest, ARecordingThatEndedBeginsAgain) {
  stream.meanwhile = {[] {},
                      [this] {
                        store(1);
                        events.give_up();
                      },
                      [] {}, [] {}, [this] { store(2); }};
  run();
  EXPECT_EQ(stream.events(), (std::vector<std::string>{"reset", "snapshot", "reset", "stored", "snapshot", "stored"}));
  EXPECT_EQ(stream.pieces[2], reset_text({}));
}

TEST_F(EventFeedTest, EndsWhenItIsNoLongerAllowed) {
  bool allowed = true;
  stream.meanwhile = {[] {},
                      [&] {
                        allowed = false;
                        store(1);
                      }};
  EventFeed(
      {.events = events, .stream = stream, .tenants = tenants, .keep_alive = never, .allowed = [&] { return allowed; }})
      .run({}, {});
  EXPECT_EQ(stream.events(), (std::vector<std::string>{"reset", "snapshot"}));
}

}  // namespace
}  // namespace fovea::serve
