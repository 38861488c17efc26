#include "engine/upstream/event_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fovea {
namespace {

using Events = std::vector<std::string>;  // "type|data"

EventStream::OnEvent into(Events& events) {
  return [&events](const StreamedEvent& event) {
    events.push_back(std::string(event.type) + "|" + std::string(event.data));
  };
}

Events read(const std::string& bytes, std::size_t piece = std::string::npos) {
  EventStream stream;
  Events events;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at))
    EXPECT_TRUE(stream.feed(std::string_view(bytes).substr(at, piece), into(events)));
  return events;
}

TEST(EventStream, ReadsWhatTheStandardSays) {
  const struct {
    const char* bytes;
    Events events;
  } cases[] = {
      {"data: a\n\ndata: b\n\n", {"|a", "|b"}},
      {"data: a\r\n\r\ndata: b\r\n\r\n", {"|a", "|b"}},
      {"data: a\r\rdata: b\r\r", {"|a", "|b"}},
      {"data: a\ndata: b\n\n", {"|a\nb"}},  // several lines are one text
      {"data:a\n\n", {"|a"}},               // one blank belongs to the colon
      {"data:  a\n\n", {"| a"}},            // and only one
      {"data\n\n", {"|"}},                  // a field without a colon is empty
      {"data\ndata\n\n", {"|\n"}},          // and a line all the same
      {"data: a:b\n\n", {"|a:b"}},
      {": comment\n\ndata: a\n:\n\n", {"|a"}},  // comments keep connections awake
      {"event: error\ndata: a\n\ndata: b\n\n", {"error|a", "|b"}},
      {"event: only\n\ndata: b\n\n", {"|b"}},  // a type without data is nothing
      {"id: 1\nretry: 5\nodd: x\ndata: a\n\n", {"|a"}},
      {"Data: a\n\n", {}},  // names are told by their case
      {"\xEF\xBB\xBF"
       "data: a\n\n",
       {"|a"}},  // a mark of the byte order, at the start only
      {"data: a\n\n\xEF\xBB\xBF"
       "data: b\n\n",
       {"|a"}},
      {"data: a\n\ndata: b\n", {"|a"}},  // broken off
      {"\n\n\n", {}},
  };
  for (const auto& [bytes, events] : cases) {
    EXPECT_EQ(read(bytes), events) << bytes;
    EXPECT_EQ(read(bytes, 1), events) << "byte by byte: " << bytes;
    EXPECT_EQ(read(bytes, 3), events) << "in threes: " << bytes;
  }
}

TEST(EventStream, EndsEventsAsSoonAsTheirLastByteIsThere) {
  EventStream stream;
  Events events;
  stream.feed("data: a\r\n\r", into(events));
  EXPECT_EQ(events, Events{"|a"});
  stream.feed("\ndata: b\n\n", into(events));
  EXPECT_EQ(events, (Events{"|a", "|b"}));
}

TEST(EventStream, GivesUpAtAnEventWithoutAnEnd) {
  const std::string part(EventStream::event_bytes_max / 2, 'x');
  EventStream line, lines;
  Events events;
  EXPECT_TRUE(line.feed("data: " + part, into(events)));
  EXPECT_FALSE(line.feed(part, into(events)));
  EXPECT_FALSE(line.feed("\n\ndata: a\n\n", into(events))) << "what follows is in the middle of something";
  EXPECT_TRUE(lines.feed("data: " + part + "\n", into(events)));
  EXPECT_FALSE(lines.feed("data: " + part, into(events)));
  EXPECT_EQ(events, Events{});
}

}  // namespace
}  // namespace fovea
