#include "serve/events/event_text.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fovea::serve {
namespace {

const Key image = KeyBuilder("image").finish(), scope = KeyBuilder("scope").finish();

PictureHolding holding(RecordKind kind) {
  return {.picture = {kind, scope, image}, .tenant = {}, .entries = 2, .bytes = 4096, .saves_us = 1'250'000};
}

std::string data(std::string_view level, std::string_view more) {
  return R"({"image":")" + image.hex() + R"(","level":")" + std::string(level) +
         R"(","tier":"memory","entries":2,"bytes":4096,"saves_seconds":1.25,)" + std::string(more) + R"("scope":")" +
         scope.hex().substr(0, 16) + R"(","at":1764500000.5})";
}

TEST(EventText, AChangeTellsWhatIsHeldBehindIt) {
  const PictureEvent event{.sequence = 7,
                           .change = PictureChange::evicted,
                           .at_unix_ms = 1764500000500,
                           .holding = holding(RecordKind::prefix)};
  EXPECT_EQ(event_text(event, 1764000000000, "alice"),
            "id: 1764000000000-7\nevent: evicted\ndata: " + data("prefix", R"("tenant":"alice",)") + "\n\n");
}

TEST(EventText, AnotherServersAnswersAreResponsesToo) {
  const std::string text = held_text(holding(RecordKind::relayed_response), 1764500000500, "");
  EXPECT_EQ(text, "event: stored\ndata: " + data("response", "") + "\n\n") << "without an id, and without a tenant";
}

TEST(EventText, ASnapshotTakesTheLastIdBackUntilItsEnd) {
  EXPECT_EQ(reset_text(12), "id:\nevent: reset\ndata: {\"lost\":12}\n\n");
  EXPECT_EQ(reset_text({}), "id:\nevent: reset\ndata: {}\n\n");
  EXPECT_EQ(snapshot_text(3, {5, 9}), "id: 5-9\nevent: snapshot\ndata: {\"holdings\":3}\n\n");
}

TEST(EventText, ATenantsNameBreaksNoLine) {
  const std::string text = held_text(holding(RecordKind::embedding), 0, "a\n\nevent: purged\"");
  EXPECT_EQ(std::ranges::count(text, '\n'), 3) << text;
}

TEST(EventText, ReadsTheIdsThatItWrites) {
  for (const EventCursor cursor : {EventCursor{0, 0}, EventCursor{1764500000500, 18446744073709551615U}})
    EXPECT_EQ(read_event_id(event_id(cursor)), cursor);
  for (const char* none : {"", "-", "1-", "-1", "1", "1-2-3", "1- 2", "+1-2", "a-b", "1-18446744073709551616", "0x1-2"})
    EXPECT_FALSE(read_event_id(none)) << none;
}

}  // namespace
}  // namespace fovea::serve
