// The relay in front of a real server on the loopback address, which every request's body tells how to
// answer. How often that server was asked is how a test knows what was kept.
#include "pipeline/relay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <format>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/upstream/completion.h"
#include "http/scripted_server.h"
#include "pictures/sources.h"

namespace fovea {
namespace {

using test::json_quoted;
using test::plain_png;
using test::png;
using test::script;
using test::ScriptedServer;

class SetClock final : public Clock {
 public:
  double now_ms() const override { return now; }
  std::atomic<double> now = 1e12;
};

std::string completion(const std::string& text) {
  return R"({"id":"c","created":1,"model":"m","object":"chat.completion","choices":[{"index":0,"message":)"
         R"({"role":"assistant","content":")" +
         text + R"("},"logprobs":null,"finish_reason":"stop"}]})";
}

// The steps of an answer in one piece.
std::string whole(const std::string& text) {
  return R"([{"header":["Content-Type","application/json"]},{"send":)" + json_quoted(completion(text)) + "}]";
}

std::string event(const std::string& data) { return "data: " + data + "\n\n"; }

std::string chunk(const std::string& delta, const std::string& finish = "null") {
  return event(
      std::format(R"({{"id":"c","created":1,"model":"m","choices":[{{"index":0,"delta":{},"finish_reason":{}}}]}})",
                  delta, finish));
}

const std::string first_chunk = chunk(R"({"role":"assistant","content":"a "})");
const std::string last_chunks = chunk(R"({"content":"cat"})") + chunk("{}", R"("stop")") + event("[DONE]");

// The steps of a stream, with `between` in its middle.
std::string stream(const std::string& between = "", const std::string& last = last_chunks) {
  return R"([{"header":["Content-Type","text/event-stream"]},{"send":)" + json_quoted(first_chunk) + "}," + between +
         R"({"send":)" + json_quoted(last) + "}]";
}

class RelayTest : public testing::Test {
 protected:
  struct Got {
    Result<RelayAnswer> answer;
    std::string streamed;
  };

  RelayRequest question(const std::string& name, const std::string& turns) {
    return {.tenant = "t",
            .question = name,
            .sources = {plain_png(8, 8, {1, 2, 3})},
            .body = script(name, turns),
            .deterministic = true};
  }
  RelayRequest streaming(const std::string& name, const std::string& turns) {
    auto request = question(name, turns);
    request.stream = true;
    return request;
  }
  Got ask(const RelayRequest& request, std::stop_token stop = {}) {
    Got got{.answer = fail(Fault::internal, ""), .streamed = ""};
    const RelayListener listener{.on_bytes = [&](std::string_view bytes) {
      got.streamed += bytes;
      return true;
    }};
    got.answer = relay.answer(request, listener, std::move(stop));
    return got;
  }
  std::future<Got> ask_meanwhile(RelayRequest request, std::stop_token stop = {}) {
    return std::async(std::launch::async, [this, request, stop] { return ask(request, stop); });
  }
  // How often upstream was asked this.
  long asked(std::string_view name) {
    const std::string requests = server.requests(name);
    constexpr std::string_view mark = R"("connection")";
    long count = 0;
    for (auto at = requests.find(mark); at != std::string::npos; at = requests.find(mark, at + 1)) ++count;
    return count;
  }

  ScriptedServer server;
  SetClock clock;
  std::unique_ptr<Upstream> upstream = Upstream::open({.url = server.url("/v1")}).value();
  Relay relay{*upstream, {.requests_max = 4, .clock = &clock}};
};

TEST_F(RelayTest, AStreamTellsBeforeItsFirstByteWhetherTheCacheWasAsked) {
  const auto started = [&](const RelayRequest& request) {
    std::optional<RequestReport> report;
    const RelayListener listener{.on_bytes = [&](std::string_view) { return report.has_value(); },
                                 .on_start = [&](const RequestReport& so_far) { report = so_far; }};
    EXPECT_TRUE(relay.answer(request, listener));
    return report.value();
  };
  EXPECT_EQ(started(streaming("kept", "[" + stream() + "]")).response, Outcome::miss);
  RelayRequest random = streaming("random", "[" + stream() + "," + stream() + "]");
  random.deterministic = false;
  EXPECT_EQ(started(random).response, Outcome::bypass);
  EXPECT_EQ(started(random).response_bypass, Bypass::random);
  RelayRequest refused = streaming("refused", "[" + stream() + "]");
  refused.cache = {.read = false, .write = false};
  EXPECT_EQ(started(refused).response_bypass, Bypass::no_cache);
}

TEST_F(RelayTest, AnswersTheSecondTimeFromWhatItKept) {
  const auto request = question("twice", "[" + whole("a cat") + "," + whole("a dog") + "]");
  const auto miss = ask(request).answer.value();
  EXPECT_EQ(miss.status, 200);
  EXPECT_EQ(miss.body, completion("a cat"));
  EXPECT_EQ(miss.content_type, "application/json");
  EXPECT_EQ(miss.report.response, Outcome::miss);
  EXPECT_GT(miss.report.times.generate_ms, 0);
  EXPECT_TRUE(miss.report.images.at(0).decoded);

  clock.now = clock.now + 1500;
  const auto hit = ask(request).answer.value();
  EXPECT_EQ(hit.body, completion("a cat"));
  EXPECT_EQ(hit.report.response, Outcome::hit);
  EXPECT_EQ(hit.report.response_note, ResponseNote::none);
  EXPECT_EQ(hit.report.response_age_s, 1.5);
  EXPECT_EQ(hit.report.saved_ms, miss.report.times.generate_ms);
  EXPECT_EQ(hit.report.times.generate_ms, 0);
  EXPECT_EQ(hit.report.images.at(0).image_key, miss.report.images.at(0).image_key);
  EXPECT_FALSE(hit.report.images.at(0).decoded);
  EXPECT_EQ(asked("twice"), 1);
  EXPECT_EQ(relay.stats().hits, 1);
}

TEST_F(RelayTest, TellsApartWhatMayChangeTheAnswer) {
  const auto request = question("apart", "[" + whole("a") + "]");
  auto tenant = request, words = request, picture = request, pictures = request, order = request;
  tenant.tenant = "u";
  words.question = "apart?";
  picture.sources = {plain_png(8, 8, {1, 2, 4})};
  pictures.sources.push_back(plain_png(8, 8, {1, 2, 4}));
  order.sources = {plain_png(8, 8, {1, 2, 4}), request.sources[0]};
  for (const auto& other : {request, tenant, words, picture, pictures, order})
    EXPECT_EQ(ask(other).answer.value().report.response, Outcome::miss);
  EXPECT_EQ(asked("apart"), 6);
}

TEST_F(RelayTest, KnowsAPictureByItsBytes) {
  auto request = question("bytes", "[" + whole("a") + "]");
  ask(request);
  request.sources = {png(8, 8, [](std::uint32_t, std::uint32_t) -> test::Rgb { return {1, 2, 3}; })};
  request.sources[0].name = "another name";
  EXPECT_EQ(ask(request).answer.value().report.response, Outcome::hit);
}

// Upstream decodes by rules of its own: one that ignores orientations sees a turned photograph where Fovea
// sees what the upright file shows.
TEST_F(RelayTest, AnotherFileOfTheSamePixelsIsAnotherQuestion) {
  auto upright = question("files", "[" + whole("upright") + "," + whole("turned") + "]"), turned = upright;
  turned.sources = {{.bytes = Blob::copy_of(std::string(upright.sources[0].bytes.text()) + "more"), .name = {}}};
  const auto first = ask(upright).answer.value(), second = ask(turned).answer.value();
  EXPECT_EQ(first.report.images.at(0).image_key, second.report.images.at(0).image_key);
  EXPECT_EQ(second.report.response, Outcome::miss);
  EXPECT_EQ(second.body, completion("turned"));
  EXPECT_EQ(ask(turned).answer.value().body, completion("turned"));
  EXPECT_EQ(relay.purge(first.report.images.at(0).image_key, "t"), 2U) << "a purge finds both by their image";
}

TEST_F(RelayTest, AQueryIsAPartOfTheQuestion) {
  auto request = question("query", "[" + whole("plain") + "," + whole("beta") + "]");
  ask(request);
  request.query = "?beta=true";
  EXPECT_EQ(ask(request).answer.value().body, completion("beta"));
  EXPECT_EQ(ask(request).answer.value().report.response, Outcome::hit);
  EXPECT_TRUE(server.requests("query").contains(R"("path": "/v1/chat/completions?beta=true")"));
}

// It would be given as a stream the next time.
TEST_F(RelayTest, AnAnswerInOnePieceIsNotKeptForARequestOfAStream) {
  auto request = streaming("piece", "[" + whole("a") + "," + whole("a") + "]");
  request.api = RelayedApi::completions;
  for (int time = 0; time < 2; ++time) {
    const auto answer = ask(request).answer.value();
    EXPECT_EQ(answer.report.response, Outcome::miss);
    EXPECT_EQ(answer.content_type, "application/json");
  }
}

TEST_F(RelayTest, SendsOnAPictureThatItCannotReadAndKeepsNothing) {
  auto request = question("unread", "[" + whole("a") + "]");
  request.sources.push_back({.bytes = Blob::copy_of("a format of another server"), .name = "messages[0].content[1]"});
  for (int i = 0; i < 2; ++i) {
    const RelayAnswer answer = ask(request).answer.value();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.report.response_bypass, Bypass::unread_image);
    EXPECT_TRUE(answer.report.images.empty());
  }
  EXPECT_EQ(asked("unread"), 2);
}

TEST_F(RelayTest, SendsOnAnUploadedVideoAndKeepsNothing) {
  auto request = question("video", "[" + whole("a") + "]");
  request.uploaded_video = true;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask(request).answer.value().report.response_bypass, Bypass::uploaded_video);
  EXPECT_EQ(asked("video"), 2);
}

TEST_F(RelayTest, SaysWhyItWasNotAsked) {
  auto random = question("random", "[" + whole("a") + "]"), none = random, unread = random, unwritten = random;
  random.deterministic = false;
  none.cache = {.read = false, .write = false};
  unread.cache.read = false;
  unwritten.cache.write = false;
  EXPECT_EQ(ask(random).answer.value().report.response_bypass, Bypass::random);
  EXPECT_EQ(ask(none).answer.value().report.response_bypass, Bypass::no_cache);
  EXPECT_EQ(ask(unwritten).answer.value().report.response, Outcome::miss);
  EXPECT_EQ(ask(unread).answer.value().report.response_bypass, Bypass::no_read);
  EXPECT_EQ(asked("random"), 4) << "none of them found or kept anything, but the last kept";
  EXPECT_EQ(ask(unwritten).answer.value().report.response, Outcome::hit);

  Relay off(*upstream, {.response_bytes_max = 0});
  EXPECT_EQ(off.answer(question("off", "[" + whole("a") + "]"), {}).value().report.response_bypass, Bypass::off);
}

TEST_F(RelayTest, TakesNoAnswerThatIsTooOld) {
  auto request = question("old", "[" + whole("a") + "," + whole("b") + "]");
  ask(request);
  clock.now = clock.now + 1000;
  request.cache.age_max_s = 1;
  EXPECT_EQ(ask(request).answer.value().report.response, Outcome::hit);
  request.cache.age_max_s = 0.999;
  const auto fresh = ask(request).answer.value();
  EXPECT_EQ(fresh.report.response, Outcome::miss);
  EXPECT_EQ(fresh.report.response_note, ResponseNote::too_old);
  EXPECT_EQ(fresh.body, completion("b"));
  EXPECT_EQ(ask(request).answer.value().report.response, Outcome::hit) << "the fresh one took its place";
  clock.now = 0;
  EXPECT_EQ(ask(request).answer.value().report.response_age_s, 0) << "a clock that was set back";
}

TEST_F(RelayTest, PassesAStreamOnAndKeepsItsSum) {
  auto request = streaming("stream", "[" + stream() + "]");
  const auto [miss, bytes] = ask(request);
  EXPECT_TRUE(miss.value().streamed);
  EXPECT_EQ(miss->body, "");
  EXPECT_EQ(miss->content_type, "text/event-stream");
  EXPECT_EQ(bytes, first_chunk + last_chunks);

  const auto [hit, nothing] = ask(request);
  EXPECT_EQ(hit.value().report.response, Outcome::hit);
  EXPECT_FALSE(hit->streamed);
  EXPECT_EQ(nothing, "");
  EXPECT_EQ(renamed(hit->body, {"c", 1}), renamed(completion("a cat"), {"c", 1}));
  EXPECT_EQ(asked("stream"), 1);
}

// A stream that nobody asked to count tokens is no answer to a client that expects the counts.
TEST_F(RelayTest, AnAnswerWithoutCountsServesOnlyWhoWantsNone) {
  ask(streaming("counts", "[" + stream() + "]"));
  auto counted = streaming("counts", "[" + stream() + "]");
  counted.include_usage = true;
  const auto miss = ask(counted).answer.value();
  EXPECT_EQ(miss.report.response, Outcome::miss);
  EXPECT_EQ(miss.report.response_note, ResponseNote::may_lack_usage);
  EXPECT_EQ(ask(question("counts", "[]")).answer.value().report.response, Outcome::hit);
  EXPECT_EQ(ask(streaming("counts", "[]")).answer.value().report.response, Outcome::hit);
}

TEST_F(RelayTest, KeepsOnlyWhatIsWhole) {
  const std::string unknown = chunk(R"({"audio":{}})") + last_chunks;
  const std::string failed = event(R"({"error":{"message":"no memory"}})") + event("[DONE]");
  const std::string endless = "data: " + std::string(10, 'x');
  int name = 0;
  for (const std::string& last : {chunk(R"({"content":"cat"})"), chunk("{}", R"("stop")"), unknown, failed, endless}) {
    const auto request = streaming(std::format("part{}", ++name), "[" + stream("", last) + "]");
    for (int i = 0; i < 2; ++i) {
      const auto [answer, bytes] = ask(request);
      EXPECT_EQ(answer.value().report.response, Outcome::miss) << last;
      EXPECT_EQ(bytes, first_chunk + last);
    }
  }
  const auto error = question("error", R"([[{"send":"{\"error\":1}"}]])");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask(error).answer.value().report.response, Outcome::miss);
}

TEST_F(RelayTest, PassesRefusalsOnAndKeepsNone) {
  const auto request =
      streaming("refused", R"([[{"status":429},{"header":["Retry-After","7"]},{"send":"busy"}],)" + stream() + "]");
  const auto [refused, nothing] = ask(request);
  EXPECT_EQ(refused.value().status, 429);
  EXPECT_EQ(refused->body, "busy");
  EXPECT_EQ(refused->retry_after, "7");
  EXPECT_EQ(nothing, "");
  EXPECT_EQ(ask(request).streamed, first_chunk + last_chunks);
}

TEST_F(RelayTest, AStreamThatBreaksOffIsAFaultAndNotKept) {
  const auto request = streaming("cut", "[" + stream(R"({"cut":true},)") + "," + stream() + "]");
  const auto [cut, bytes] = ask(request);
  EXPECT_EQ(cut.error().fault, Fault::unavailable);
  EXPECT_EQ(bytes, first_chunk);
  EXPECT_EQ(ask(request).answer.value().report.response, Outcome::miss);
}

TEST_F(RelayTest, NobodyUpstreamIsUnavailable) {
  const auto nobody = Upstream::open({.url = "http://127.0.0.1:1"}).value();
  Relay alone(*nobody, {});
  std::optional<Error> told;
  const RelayListener listener{.on_upstream_fault = [&](const Error& error) { told = error; }};
  EXPECT_EQ(alone.answer(question("nobody", "[]"), listener).error().fault, Fault::unavailable);
  EXPECT_EQ(told->fault, Fault::unavailable);
}

TEST_F(RelayTest, EqualQuestionsAtTheSameTimeAreAskedOnce) {
  const auto request = streaming("joined", "[" + stream(R"({"wait":"joined"},)") + "]");
  auto leader = ask_meanwhile(request);
  server.wait_for("joined", 1);
  std::vector<std::future<Got>> others;
  for (int i = 0; i < 3; ++i) others.push_back(ask_meanwhile(request));
  while (relay.waiting() < 3) std::this_thread::yield();  // all have looked, and found nothing
  EXPECT_EQ(relay.asking(), 4u);
  server.open("joined");
  EXPECT_EQ(leader.get().streamed, first_chunk + last_chunks);
  for (auto& other : others) {
    const auto [answer, bytes] = other.get();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->report.response, Outcome::hit);
    EXPECT_TRUE(answer->body.contains("a cat"));
    EXPECT_EQ(bytes, "");
  }
  EXPECT_EQ(asked("joined"), 1);
}

// The value that upstream got for the header; "" where there was none.
class RoutedRelayTest : public RelayTest {
 protected:
  std::string route_of(const std::string& name, RelayRequest request) {
    request.body = script(name, "[" + whole("a cat") + "]");
    EXPECT_TRUE(routed.answer(request).has_value());
    const std::string seen = server.requests(name);
    const std::string mark = R"(["x-route", ")";
    const auto at = seen.find(mark);
    return at == std::string::npos ? ""
                                   : seen.substr(at + mark.size(), seen.find('"', at + mark.size()) - at - mark.size());
  }
  RelayRequest about(std::vector<ImageSource> sources) {
    RelayRequest request = question("", "[]");
    request.sources = std::move(sources);
    return request;
  }

  Relay routed{*upstream, {.route_header = "x-route"}};
};

TEST_F(RoutedRelayTest, APictureHasOneValueInEveryRequest) {
  const ImageSource red = plain_png(8, 8, {200, 0, 0}), blue = plain_png(8, 8, {0, 0, 200});
  const std::string value = route_of("red", about({red}));
  EXPECT_EQ(value.size(), 32u);
  EXPECT_EQ(value.find_first_not_of("0123456789abcdef"), std::string::npos);
  RelayRequest other = about({red, blue});
  other.question = "another", other.tenant = "somebody else", other.route = KeyBuilder("k").finish();
  EXPECT_EQ(route_of("red-first", other), value);
  EXPECT_NE(route_of("blue-first", about({blue, red})), value);
  const ImageSource broken{.bytes = Blob::copy_of(std::as_bytes(std::span("no picture"))), .name = "broken"};
  EXPECT_EQ(route_of("red-and-none", about({red, broken})), value);
}

TEST_F(RoutedRelayTest, WithoutAPictureWhatElseNamesItCounts) {
  RelayRequest request = about({});
  request.question = "no name";
  EXPECT_EQ(route_of("no-name", request), "");
  request.question = "named";
  request.route = KeyBuilder("k").finish();
  const std::string value = route_of("named", request);
  EXPECT_EQ(value.size(), 32u);
  EXPECT_FALSE(request.route->hex().contains(value));
}

TEST_F(RoutedRelayTest, APictureThatCannotBeReadIsKnownByItsBytes) {
  const ImageSource broken{.bytes = Blob::copy_of(std::as_bytes(std::span("no picture"))), .name = "broken"};
  const ImageSource other{.bytes = Blob::copy_of(std::as_bytes(std::span("neither"))), .name = "other"};
  const std::string value = route_of("broken", about({broken}));
  EXPECT_EQ(value.size(), 32u);
  EXPECT_NE(route_of("other", about({other})), value);
}

TEST_F(RoutedRelayTest, AClientThatRoutesItselfIsLeftAloneAndTheHeaderIsInNoKey) {
  RelayRequest request = about({plain_png(8, 8, {200, 0, 0})});
  request.headers = {{"x-route", "mine"}};
  EXPECT_EQ(route_of("mine", request), "mine");
  request.headers = {{"x-route", "another"}};
  EXPECT_EQ(routed.answer(request)->report.response, Outcome::hit);
  request.headers = {};
  EXPECT_EQ(routed.answer(request)->report.response, Outcome::hit);
}

TEST_F(RelayTest, WhoJoinedTakesOverFromOneWhoLeft) {
  const auto request = streaming("left", "[" + stream(R"({"wait":"never"},)") + "," + stream() + "]");
  std::stop_source leaves;
  auto leader = ask_meanwhile(request, leaves.get_token());
  server.wait_for("left", 1);
  auto other = ask_meanwhile(request);
  while (relay.stats().misses < 2) std::this_thread::yield();
  leaves.request_stop();
  EXPECT_EQ(leader.get().answer.error().fault, Fault::cancelled);
  const auto [answer, bytes] = other.get();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(bytes, first_chunk + last_chunks) << "it streams what it asks for itself";
  EXPECT_EQ(asked("left"), 2);
}

TEST_F(RelayTest, WhoJoinedTakesOverFromOneWhoWasRefused) {
  const auto request =
      question("unlucky", R"([[{"status":503},{"wait":"unlucky"},{"send":"busy"}],)" + whole("a cat") + "]");
  auto leader = ask_meanwhile(request);
  server.wait_for("unlucky", 1);
  auto other = ask_meanwhile(request);
  while (relay.stats().misses < 2) std::this_thread::yield();
  server.open("unlucky");
  EXPECT_EQ(leader.get().answer.value().status, 503);
  EXPECT_EQ(other.get().answer.value().body, completion("a cat"));
}

// What cannot be kept cannot be shared either, and nobody stands in line for it.
TEST_F(RelayTest, WhoJoinedAnAnswerThatCannotBeKeptAsksForIt) {
  const std::string odd = chunk(R"({"audio":{}})") + last_chunks;
  const auto request =
      streaming("odd", "[" + stream(R"({"wait":"odd"},)", odd) + "," + stream(R"({"wait":"both"},)", odd) + "]");
  auto leader = ask_meanwhile(request);
  server.wait_for("odd", 1);
  auto one = ask_meanwhile(request), two = ask_meanwhile(request);
  while (relay.stats().misses < 3) std::this_thread::yield();
  // Whether they were in the flight already or come just behind it, each ends up upstream itself.
  server.open("odd");
  leader.get();
  server.open("both");
  EXPECT_EQ(one.get().streamed, first_chunk + odd);
  EXPECT_EQ(two.get().streamed, first_chunk + odd);
  EXPECT_EQ(asked("odd"), 3);
}

TEST_F(RelayTest, StopsWhenTheReaderOrTheTimeDoes) {
  auto request = streaming("stops", "[" + stream(R"({"wait":"never"},)") + "]");
  EXPECT_EQ(relay.answer(request, {.on_bytes = [](std::string_view) { return false; }, .on_start = {}}).error().fault,
            Fault::cancelled);
  request.timeout_ms = 50;
  EXPECT_EQ(ask(request).answer.error().fault, Fault::timed_out);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_EQ(ask(question("early", "[]"), stopped.get_token()).answer.error().fault, Fault::cancelled);
  EXPECT_EQ(asked("early"), 0);
}

TEST_F(RelayTest, AReaderWhoLeavesAtTheLastEventHasTheWholeAnswer) {
  const auto request = streaming("last", "[" + stream() + "]");
  std::string read;
  const RelayListener leaving{.on_bytes =
                                  [&](std::string_view bytes) {
                                    read += bytes;
                                    return !read.contains("[DONE]");
                                  },
                              .on_start = {}};
  const auto answer = relay.answer(request, leaving);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->streamed);
  EXPECT_EQ(ask(request).answer.value().report.response, Outcome::hit);
}

TEST_F(RelayTest, HasSoManyPlacesAndStoredAnswersNeedNone) {
  const auto known = question("known", "[" + whole("a") + "]");
  ask(known);
  std::vector<std::future<Got>> waiting;
  std::stop_source source;
  for (int i = 0; i < 4; ++i) {
    auto request = question("full", R"([[{"wait":"never"}]])");
    request.question += std::to_string(i);
    waiting.push_back(ask_meanwhile(request, source.get_token()));
  }
  server.wait_for("full", 4);
  EXPECT_EQ(ask(question("more", "[]")).answer.error().fault, Fault::unavailable);
  EXPECT_EQ(ask(known).answer.value().report.response, Outcome::hit);
  source.request_stop();
  for (auto& each : waiting) EXPECT_EQ(each.get().answer.error().fault, Fault::cancelled);
  EXPECT_TRUE(ask(question("more", "[" + whole("a") + "]")).answer) << "the places are free again";
}

TEST_F(RelayTest, ForgetsAPictureOrEverything) {
  const auto one = question("one", "[" + whole("a") + "]");
  auto two = question("two", "[" + whole("b") + "]");
  two.sources = {plain_png(8, 8, {9, 9, 9})};
  const Key image = ask(one).answer.value().report.images.at(0).image_key;
  ask(two);
  EXPECT_EQ(relay.purge(image, "somebody else"), 0);
  EXPECT_EQ(relay.purge(image, one.tenant), 1);
  EXPECT_EQ(relay.purge(image, one.tenant), 0);
  EXPECT_EQ(ask(two).answer.value().report.response, Outcome::hit);
  EXPECT_EQ(ask(one).answer.value().report.response, Outcome::miss);
  EXPECT_EQ(relay.purge(one.tenant), 2);
  EXPECT_EQ(ask(two).answer.value().report.response, Outcome::miss);
}

}  // namespace
}  // namespace fovea
