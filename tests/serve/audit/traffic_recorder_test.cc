// The forms of bodies and lines are made up: a body is its request's model.
#include "serve/audit/traffic_recorder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <format>
#include <fstream>
#include <mutex>
#include <new>
#include <thread>

#include "audit/log/client_name.h"
#include "base/scratch_folder.h"
#include "serve/fake_exchange.h"

namespace fovea::serve {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr double time_ms = 1'796'000'000'000;

std::string line_of(const AuditedRequest& request) {
  return std::format("{} {} {} {} {} {}\n", request.model, request.client, request.route, request.status,
                     request.answer_tokens.value_or(0), request.settings_hash == 1 ? "plain" : "salted");
}

bool read_body(std::string_view, std::string_view body, AuditedRequest& request) {
  request.model = body;
  request.settings_hash = 1;
  return body != "no request";
}

class TrafficRecorderTest : public testing::Test {
 protected:
  std::unique_ptr<TrafficRecorder> open(TrafficRecorderOptions options = {},
                                        TrafficRecorder::Forms forms = {read_body, line_of}) {
    options.folder = folder;
    auto opened = TrafficRecorder::open(std::move(options), std::move(forms));
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }

  // A request that was answered with `reply`.
  static void record(TrafficRecorder& recorder, const std::string& body, Reply reply = {}, const Tenant& tenant = {}) {
    test::FakeExchange exchange("/v1/chat/completions", body);
    exchange.headers["user-agent"] = "OpenAI/Python 1.99.0 (X11; a\x1b comment)";
    WatchedExchange watched(exchange);
    watched.reply(std::move(reply));
    recorder.add(watched, tenant, time_ms);
  }

  // Until nothing waits.
  static void wait_for(const TrafficRecorder& recorder) {
    for (int i = 0; i < 30'000 && recorder.counts().waiting > 0; ++i) std::this_thread::sleep_for(1ms);
    ASSERT_EQ(recorder.counts().waiting, 0u);
  }

  std::string recorded() const {
    std::string text;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".jsonl") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      text.append(std::istreambuf_iterator<char>(file), {});
    }
    return text;
  }

  const ScratchFolder scratch = ScratchFolder::make("traffic-recorder-test").value();
  const fs::path folder = scratch.path() / "traffic";
};

// The reader's thread waits in the first request until it is let go.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool waits = false, is_open = false;
  void pass() {
    std::unique_lock lock(mutex);
    waits = true;
    changed.notify_all();
    changed.wait(lock, [&] { return is_open; });
  }
  void wait_for_somebody() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return waits; });
  }
  void open() {
    std::unique_lock lock(mutex);
    is_open = true;
    changed.notify_all();
  }
};

TEST_F(TrafficRecorderTest, ARequestIsALine) {
  auto recorder = open();
  record(*recorder, "one", {.status = 200, .body = R"({"usage":{"completion_tokens":7}})"});
  record(*recorder, "two", {.status = 503}, {.name = "alice"});
  record(*recorder, "three", {}, {.name = "sk-0123456789abcdef0123"});
  record(*recorder, "no request");
  recorder.reset();  // waits for them
  EXPECT_EQ(recorded(),
            "one OpenAI/Python 1.99.0 /v1/chat/completions 200 7 salted\n"
            "two alice /v1/chat/completions 503 0 salted\n"
            "three " +
                hashed_key("sk-0123456789abcdef0123") + " /v1/chat/completions 200 0 salted\n")
      << "what looks like an API key is not written";
}

TEST_F(TrafficRecorderTest, CountsWhatBecameOfEach) {
  auto recorder = open();
  record(*recorder, "one");
  record(*recorder, "no request");
  wait_for(*recorder);
  const TrafficRecorded counts = recorder->counts();
  EXPECT_EQ(counts.recorded, 1u);
  EXPECT_EQ(counts.unread, 1u);
  EXPECT_EQ(counts.dropped, 0u);
  EXPECT_EQ(counts.unwritten, 0u);
  EXPECT_EQ(counts.bytes, recorded().size());
}

TEST_F(TrafficRecorderTest, WhatHasNoRoomIsDroppedAndNobodyWaits) {
  Gate gate;
  auto recorder =
      open({.queue_bytes_max = 100}, {[&](std::string_view route, std::string_view body, AuditedRequest& request) {
                                        gate.pass();
                                        return read_body(route, body, request);
                                      },
                                      line_of});
  record(*recorder, "first");
  gate.wait_for_somebody();
  record(*recorder, std::string(60, 'a'));
  record(*recorder, std::string(60, 'b'));
  record(*recorder, std::string(30, 'c'));
  EXPECT_EQ(recorder->counts().dropped, 1u);
  EXPECT_EQ(recorder->counts().waiting, 3u);
  gate.open();
  recorder.reset();
  const std::string text = recorded();
  EXPECT_EQ(std::ranges::count(text, '\n'), 3);
  EXPECT_FALSE(text.contains("bbb"));
}

TEST_F(TrafficRecorderTest, TheNumberOfThoseThatWaitIsBoundedToo) {
  Gate gate;
  auto recorder =
      open({.queue_requests_max = 2}, {[&](std::string_view route, std::string_view body, AuditedRequest& request) {
                                         gate.pass();
                                         return read_body(route, body, request);
                                       },
                                       line_of});
  record(*recorder, "first");
  gate.wait_for_somebody();
  for (int i = 0; i < 5; ++i) record(*recorder, "x");
  EXPECT_EQ(recorder->counts().dropped, 4u);
  gate.open();
}

TEST_F(TrafficRecorderTest, ABodyThatIsTooLongIsDropped) {
  auto recorder = open({.body_bytes_max = 10});
  record(*recorder, std::string(11, 'a'));
  record(*recorder, std::string(10, 'b'));
  wait_for(*recorder);
  EXPECT_EQ(recorder->counts().dropped, 1u);
  EXPECT_EQ(recorder->counts().recorded, 1u);
}

TEST_F(TrafficRecorderTest, WhatFailsWhileABodyIsReadFailsThatRequestAlone) {
  auto recorder = open({}, {[](std::string_view route, std::string_view body, AuditedRequest& request) {
                              if (body == "huge") throw std::bad_alloc();
                              return read_body(route, body, request);
                            },
                            line_of});
  record(*recorder, "huge");
  record(*recorder, "two");
  wait_for(*recorder);
  EXPECT_EQ(recorder->counts().unread, 1u);
  EXPECT_EQ(recorder->counts().recorded, 1u);
  recorder.reset();
  EXPECT_TRUE(recorded().starts_with("two ")) << recorded();
}

// An audit must not take half an answer for one that a store could have given.
TEST_F(TrafficRecorderTest, WhatWasNotAnsweredWholeHasTheStatusOfAClientThatLeft) {
  auto recorder = open();
  test::FakeExchange exchange("/v1/chat/completions", "cut");
  WatchedExchange watched(exchange);
  auto stream = watched.begin_stream({});
  exchange.client.request_stop();
  EXPECT_FALSE(stream->send("data: x"));
  stream.reset();
  recorder->add(watched, {}, time_ms);
  test::FakeExchange unanswered("/v1/chat/completions", "none");
  recorder->add(WatchedExchange(unanswered), {}, time_ms);
  recorder.reset();
  EXPECT_TRUE(recorded().contains("cut  /v1/chat/completions 499 ")) << recorded();
  EXPECT_TRUE(recorded().contains("none  /v1/chat/completions 499 ")) << recorded();
}

TEST_F(TrafficRecorderTest, AFolderThatCannotBeWrittenFailsNobody) {
  auto recorder = open();
  fs::remove_all(folder);
  record(*recorder, "one");
  record(*recorder, "two");
  wait_for(*recorder);
  EXPECT_EQ(recorder->counts().unwritten, 2u);
  EXPECT_EQ(recorder->counts().recorded, 0u);
}

TEST_F(TrafficRecorderTest, QuestionsAreRecordedAndNothingElse) {
  for (const char* path : {"/v1/chat/completions", "/v1/responses", "/v1/messages"})
    EXPECT_TRUE(TrafficRecorder::records("POST", path)) << path;
  for (const char* path : {"/v1/files", "/v1/cache/warm", "/v1/models", "/v1/chat/completions/x", "/"})
    EXPECT_FALSE(TrafficRecorder::records("POST", path)) << path;
  EXPECT_FALSE(TrafficRecorder::records("GET", "/v1/responses"));
}

}  // namespace
}  // namespace fovea::serve
