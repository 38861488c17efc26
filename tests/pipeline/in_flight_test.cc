// Requests at the same time: what they share, who waits for whom and for how long, and when there are too
// many of them. Gates hold some of them where the test wants them, and counters tell when others have come;
// nothing depends on how fast anybody is.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <limits>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pictures/sources.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

using test::plain_png;
using test::png;
using test::ScriptedEngine;

using Asked = std::future<Result<Answer>>;

Request question(std::vector<ImageSource> sources, const std::string& text = "what?") {
  Request request{.sources = std::move(sources)};
  Message user{"user", {}};
  for (std::size_t i = 0; i < request.sources.size(); ++i) user.parts.emplace_back(ImageSlot{i});
  user.parts.emplace_back(text);
  request.messages.push_back(user);
  return request;
}

// Two tiles, each known by its red.
ImageSource halves(std::uint8_t left, std::uint8_t right) {
  return png(8, 8, [=](std::uint32_t x, std::uint32_t) -> test::Rgb { return {x < 4 ? left : right, 0, 0}; });
}

const ImageSource red = plain_png(8, 8, {200, 0, 0});
const ImageSource blue = plain_png(8, 8, {0, 0, 100});

// What an engine of its own answers, alone and with nothing kept.
std::string alone(Request request) {
  ScriptedEngine fresh;
  Pipeline plain(fresh, {});
  request.cache = {.read = false, .write = false};
  request.timeout_ms.reset();
  return plain.answer(request).value().text;
}

void until(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::yield();
}

class InFlight : public testing::Test {
 protected:
  // On a thread of its own.
  Asked ask(Request request, std::stop_token stop = {}) {
    return std::async(std::launch::async, [this, asked = std::move(request), token = std::move(stop)] {
      return pipeline.answer(asked, {}, token);
    });
  }

  // So many have not found their answer and go on to compute it, or to wait for who does.
  void until_missed(std::uint64_t requests) {
    until([&] { return pipeline.stats().response.misses == requests; });
  }

  static int failures(std::vector<Asked>& asked, Fault fault, std::string_view message) {
    int count = 0;
    for (Asked& one : asked) {
      const auto answer = one.get();
      if (answer) continue;
      ++count;
      EXPECT_EQ(answer.error().fault, fault);
      EXPECT_EQ(answer.error().message, message);
    }
    return count;
  }

  ScriptedEngine engine;
  Pipeline pipeline{engine, {.requests_max = 8}};
};

TEST_F(InFlight, IdenticalRequestsAreComputedOnce) {
  constexpr int clients = 8;
  std::vector<std::string> streamed(clients);
  std::vector<Asked> asked;
  engine.generate_gate.close();
  for (int i = 0; i < clients; ++i) {
    asked.push_back(std::async(std::launch::async, [&, i] {
      return pipeline.answer(question({red}), {.on_text = [&, i](std::string_view text) { streamed[i] += text; }});
    }));
  }
  engine.generate_gate.wait_for(1);
  until_missed(clients);
  engine.generate_gate.open();
  int hits = 0;
  for (int i = 0; i < clients; ++i) {
    const Answer answer = asked[i].get().value();
    EXPECT_EQ(answer.text, alone(question({red})));
    EXPECT_EQ(streamed[i], answer.text);
    EXPECT_GT(answer.prompt_tokens, 0);
    hits += answer.report.response == Outcome::hit;
  }
  EXPECT_EQ(hits, clients - 1);
  EXPECT_EQ(engine.generations, 1);
  EXPECT_EQ(engine.cuts, 1);
}

// Handed over, that is; only who comes after the landing computes for itself.
TEST_F(InFlight, AnAnswerThatIsNotStoredIsHandedOver) {
  constexpr int clients = 4;
  Pipeline tight(engine, {.prefix_bytes_max = 0, .response_bytes_max = 1});
  std::vector<Asked> asked;
  engine.generate_gate.close();
  for (int i = 0; i < clients; ++i)
    asked.push_back(std::async(std::launch::async, [&] { return tight.answer(question({red})); }));
  until([&] { return tight.stats().response.misses == clients; });
  engine.generate_gate.open();
  int misses = 0;
  for (Asked& one : asked) {
    const Answer answer = one.get().value();
    EXPECT_EQ(answer.text, alone(question({red})));
    misses += answer.report.response == Outcome::miss;
  }
  EXPECT_EQ(engine.generations, misses);
  EXPECT_EQ(tight.stats().response.entries, 0u);
}

TEST_F(InFlight, QuestionsAboutANewPictureEncodeItOnce) {
  constexpr int clients = 6;
  std::vector<Asked> asked;
  engine.encode_gate.close();
  for (int i = 0; i < clients; ++i) asked.push_back(ask(question({halves(1, 2)}, std::string(i + 1, '?'))));
  engine.encode_gate.wait_for(1);
  until_missed(clients);
  engine.encode_gate.open();
  for (int i = 0; i < clients; ++i)
    EXPECT_EQ(asked[i].get().value().text, alone(question({halves(1, 2)}, std::string(i + 1, '?'))));
  EXPECT_EQ(engine.encodes, 2);
  EXPECT_EQ(engine.cuts, 1);
}

TEST_F(InFlight, ATileOfSeveralPicturesIsEncodedOnce) {
  std::vector<Asked> asked;
  const std::vector<ImageSource> pictures = {halves(1, 2), halves(1, 3), halves(4, 1)};
  engine.encode_gate.close();
  for (const ImageSource& picture : pictures) asked.push_back(ask(question({picture})));
  until([&] { return engine.cuts == 3; });
  engine.encode_gate.open();
  for (std::size_t i = 0; i < pictures.size(); ++i)
    EXPECT_EQ(asked[i].get().value().text, alone(question({pictures[i]})));
  EXPECT_EQ(engine.encodes, 4);
}

TEST_F(InFlight, WhoIsStoppedWhileOthersWaitForItsAnswerIsStoppedAlone) {
  std::stop_source stop;
  engine.generate_gate.close();
  Asked first = ask(question({red}), stop.get_token());
  engine.generate_gate.wait_for(1);
  std::vector<Asked> others;
  for (int i = 0; i < 3; ++i) others.push_back(ask(question({red})));
  until_missed(4);
  stop.request_stop();
  EXPECT_EQ(first.get().error().fault, Fault::cancelled);
  engine.generate_gate.wait_for(1);  // the next in the row
  engine.generate_gate.open();
  for (Asked& other : others) EXPECT_EQ(other.get().value().text, alone(question({red})));
  EXPECT_EQ(engine.generations, 1);
}

TEST_F(InFlight, WhoIsStoppedWhileOthersWaitForItsPictureIsStoppedAlone) {
  std::stop_source stop;
  engine.encode_gate.close();
  Asked first = ask(question({red}, "what?"), stop.get_token());
  engine.encode_gate.wait_for(1);
  Asked second = ask(question({red}, "where?"));
  Asked third = ask(question({red}, "why?"));
  until_missed(3);
  stop.request_stop();
  EXPECT_EQ(first.get().error().fault, Fault::cancelled);
  engine.encode_gate.wait_for(1);
  engine.encode_gate.open();
  EXPECT_EQ(second.get().value().text, alone(question({red}, "where?")));
  EXPECT_EQ(third.get().value().text, alone(question({red}, "why?")));
  EXPECT_EQ(engine.encodes, 1) << "a plain picture's halves are one tile";
}

TEST_F(InFlight, AFailedAnswerFailsOneCaller) {
  engine.before_generate = [broken = true]() mutable -> Result<void> {
    if (std::exchange(broken, false)) return fail(Fault::internal, "broken once");
    return {};
  };
  engine.generate_gate.close();
  std::vector<Asked> asked;
  for (int i = 0; i < 5; ++i) asked.push_back(ask(question({red})));
  until_missed(5);
  engine.generate_gate.open();
  EXPECT_EQ(failures(asked, Fault::internal, "broken once"), 1);
  EXPECT_EQ(engine.generations, 1);
}

TEST_F(InFlight, AFailedEncodeFailsOneCaller) {
  std::atomic<bool> broken = true;
  engine.before_encode = [&]() -> Result<void> {
    if (broken.exchange(false)) return fail(Fault::internal, "broken once");
    return {};
  };
  engine.encode_gate.close();
  std::vector<Asked> asked;
  for (int i = 0; i < 5; ++i) asked.push_back(ask(question({halves(1, 2)}, std::string(i + 1, '?'))));
  until_missed(5);
  engine.encode_gate.open();
  EXPECT_EQ(failures(asked, Fault::internal, "broken once"), 1);
  EXPECT_EQ(engine.encodes, 2);
}

TEST_F(InFlight, WhoDoesNotUseTheCacheWholeJoinsNobody) {
  std::vector<Asked> asked;
  engine.encode_gate.close();
  asked.push_back(ask(question({red})));
  engine.encode_gate.wait_for(1);
  for (const CacheUse use : {CacheUse{false, false}, {false, true}, {true, false}}) {
    Request request = question({red});
    request.cache = use;
    asked.push_back(ask(request));
    engine.encode_gate.wait_for(static_cast<int>(asked.size()));
  }
  engine.encode_gate.open();
  for (Asked& one : asked) EXPECT_NE(one.get().value().report.response, Outcome::hit);
  EXPECT_EQ(engine.generations, 4);
}

TEST_F(InFlight, TenantsJoinNobodyElse) {
  engine.encode_gate.close();
  std::vector<Asked> asked;
  for (const char* tenant : {"mine", "theirs"}) {
    Request request = question({red});
    request.tenant = tenant;
    asked.push_back(ask(request));
  }
  engine.encode_gate.wait_for(2);
  engine.encode_gate.open();
  for (Asked& one : asked) EXPECT_EQ(one.get().value().report.embedding, Outcome::miss);
  EXPECT_EQ(engine.generations, 2);
}

TEST_F(InFlight, WhoWantsAnAnswerOfItsOwnSharesThePicture) {
  Request drawn = question({red});
  drawn.options.temperature = 0.8;
  Request watched = question({red});
  watched.attention = watched.no_cache_read = true;
  engine.encode_gate.close();
  std::vector<Asked> asked;
  for (const Request& request : {drawn, drawn, watched, watched}) asked.push_back(ask(request));
  engine.encode_gate.wait_for(1);
  engine.encode_gate.open();
  for (Asked& one : asked) EXPECT_EQ(one.get().value().report.response, Outcome::bypass);
  EXPECT_EQ(engine.generations, 4);
  EXPECT_EQ(engine.encodes, 1);
}

TEST(InFlightMax, TooManyAreToldToComeAgain) {
  ScriptedEngine engine;
  Pipeline pipeline(engine, {.requests_max = 2});
  ASSERT_TRUE(pipeline.answer(question({}, "known")));
  engine.encode_gate.close();
  std::vector<Asked> asked;
  for (const ImageSource& picture : {red, blue})
    asked.push_back(std::async(std::launch::async, [&, picture] { return pipeline.answer(question({picture})); }));
  engine.encode_gate.wait_for(2);

  const PipelineStats before = pipeline.stats();
  const auto refused = pipeline.answer(question({}, "one more"));
  EXPECT_FALSE(refused);
  if (!refused) {
    EXPECT_EQ(refused.error().fault, Fault::unavailable);
    EXPECT_EQ(refused.error().message, "2 requests are being answered or wait already: ask again later");
  }
  const PipelineStats after = pipeline.stats();
  EXPECT_EQ(after.response.insertions, before.response.insertions);
  EXPECT_EQ(after.prefix.misses, before.prefix.misses);
  EXPECT_EQ(engine.generations, 1);
  const auto known = pipeline.answer(question({}, "known"));
  EXPECT_TRUE(known && known->report.response == Outcome::hit) << "what is stored takes no place";

  engine.encode_gate.open();
  for (Asked& one : asked) EXPECT_TRUE(one.get());
  const auto again = pipeline.answer(question({}, "one more"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->report.response, Outcome::miss);
}

TEST(InFlightMax, WhoeverFailsLeavesItsPlace) {
  ScriptedEngine engine;
  Pipeline pipeline(engine, {.requests_max = 1});
  engine.before_encode = [] { return Result<void>(fail(Fault::internal, "broken")); };
  EXPECT_EQ(pipeline.answer(question({red})).error().fault, Fault::internal);
  engine.before_encode = nullptr;

  Request hurried = question({red});
  hurried.timeout_ms = 0;
  EXPECT_EQ(pipeline.answer(hurried).error().fault, Fault::timed_out);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(pipeline.answer(question({red}), {}, stop.get_token()).error().fault, Fault::cancelled);
  EXPECT_EQ(engine.generations, 0);

  EXPECT_TRUE(pipeline.answer(question({red})));
}

TEST(InFlightMax, WhoeverThrowsLeavesItsPlaceToo) {
  ScriptedEngine engine;
  Pipeline pipeline(engine, {.requests_max = 1});
  engine.before_encode = []() -> Result<void> { throw std::bad_alloc(); };
  EXPECT_THROW((void)pipeline.answer(question({red})), std::bad_alloc);
  engine.before_encode = nullptr;
  EXPECT_TRUE(pipeline.answer(question({red})));
}

// Where a request can be while its time passes, or while its caller stops it.
enum class Place : std::uint8_t { anothers_answer, anothers_picture, slot, encode, generation };

class GivenUp : public InFlight, public testing::WithParamInterface<Place> {
 protected:
  // Brings all who come to a halt at the place: behind another request, where one is needed.
  void block() {
    const bool at_encode = GetParam() == Place::encode || GetParam() == Place::anothers_picture;
    test::Gate& gate = at_encode ? engine.encode_gate : engine.generate_gate;
    gate.close();
    if (GetParam() == Place::encode || GetParam() == Place::generation) return;
    other = ask(question({GetParam() == Place::slot ? blue : red}, "other?"));
    gate.wait_for(1);
  }

  // `request` has come to the place.
  void until_there() {
    switch (GetParam()) {
      case Place::slot:
        return engine.slot_gate.wait_for(1);
      case Place::encode:
        return engine.encode_gate.wait_for(1);
      case Place::generation:
        return engine.generate_gate.wait_for(1);
      default:
        return until_missed(2);
    }
  }

  void expect_nothing_left() const {
    EXPECT_EQ(pipeline.stats().response.entries, 0u);
    EXPECT_EQ(pipeline.stats().prefix.entries, 0u);
    EXPECT_EQ(engine.generations, 0);
  }

  // The other one has come to no harm, and there is nothing that would hinder a second try.
  void expect_all_well_afterwards() {
    engine.encode_gate.open();
    engine.generate_gate.open();
    if (other.valid()) {
      EXPECT_TRUE(other.get());
    }
    request.timeout_ms.reset();
    EXPECT_EQ(pipeline.answer(request).value().text, alone(request));
  }

  Request request = question({red}, GetParam() == Place::anothers_answer ? "other?" : "what?");
  Asked other;
};

TEST_P(GivenUp, ByTheClock) {
  block();
  request.timeout_ms = 40;
  const auto answer = pipeline.answer(request);
  EXPECT_FALSE(answer);
  if (!answer) {
    EXPECT_EQ(answer.error().fault, Fault::timed_out);
    EXPECT_EQ(answer.error().message, "not answered within 40 ms");
  }
  expect_nothing_left();
  expect_all_well_afterwards();
}

TEST_P(GivenUp, ByItsCaller) {
  block();
  request.timeout_ms = 1e9;
  std::stop_source stop;
  Asked asked = ask(request, stop.get_token());
  until_there();
  stop.request_stop();
  const auto answer = asked.get();
  EXPECT_FALSE(answer);
  if (!answer) {
    EXPECT_EQ(answer.error().fault, Fault::cancelled);
  }
  expect_nothing_left();
  expect_all_well_afterwards();
}

std::string name_of(const testing::TestParamInfo<Place>& place) {
  switch (place.param) {
    case Place::anothers_answer:
      return "AnothersAnswer";
    case Place::anothers_picture:
      return "AnothersPicture";
    case Place::slot:
      return "Slot";
    case Place::encode:
      return "Encode";
    case Place::generation:
      return "Generation";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Places, GivenUp,
                         testing::Values(Place::anothers_answer, Place::anothers_picture, Place::slot, Place::encode,
                                         Place::generation),
                         name_of);

TEST_F(InFlight, NoTimeAtAllIsOverAtOnce) {
  for (const double ms : {0.0, -5.0, std::numeric_limits<double>::quiet_NaN()}) {
    Request request = question({red});
    request.timeout_ms = ms;
    const auto answer = pipeline.answer(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, Fault::timed_out);
  }
  EXPECT_EQ(engine.cuts, 0);
}

}  // namespace
}  // namespace fovea
