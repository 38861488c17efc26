// A crowd asks real models at random: whatever is shared, restored, evicted, stopped and refused in between,
// every answer that comes is the one that its request gets alone.
//
// FOVEA_STRESS_SECONDS lets it go on for so long, where it otherwise ends after some hundred requests, and
// prints once a minute what memory it takes. FOVEA_STRESS_SEED repeats the choices (not the interleaving) of
// another run.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/models.h"
#include "pictures/sources.h"
#include "pipeline/asking_client.h"
#include "pipeline/pipeline.h"

namespace fovea {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
using test::described;
using test::RandomClient;
using test::TestModel;

constexpr unsigned clients = 16;
constexpr std::uint64_t requests_by_default = 200;
constexpr auto silence_max = 120s;  // a request takes milliseconds; under any sanitizer and load, seconds
constexpr std::size_t memo_entries_max = 4096;

unsigned number_from_environment(const char* name, unsigned otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(value, nullptr, 10));
}

std::string memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  long size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return std::format("{} MiB of memory, {} at most", resident * sysconf(_SC_PAGESIZE) >> 20, usage.ru_maxrss >> 10);
}

// std::println's way to write is unknown to ThreadSanitizer.
void say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

// Stops what it is given after the time it is given.
class Stopper {
 public:
  void stop_after(double ms, std::stop_source source) {
    const std::lock_guard lock(mutex_);
    due_.emplace(SteadyClock::now() +
                     std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double, std::milli>(ms)),
                 std::move(source));
    changed_.notify_one();
  }

 private:
  void run(const std::stop_token& end) {
    std::unique_lock lock(mutex_);
    while (!end.stop_requested()) {
      const auto next = due_.empty() ? SteadyClock::now() + 1h : due_.begin()->first;
      if (next > SteadyClock::now()) {
        changed_.wait_until(lock, end, next, [&] { return !due_.empty() && due_.begin()->first < next; });
        continue;
      }
      auto source = due_.extract(due_.begin()).mapped();
      lock.unlock();
      source.request_stop();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::multimap<SteadyClock::time_point, std::stop_source> due_;
  std::jthread thread_{[this](const std::stop_token& end) { run(end); }};
};

// What requests get alone: from an engine that computes one at a time, with nothing kept.
class Alone {
 public:
  explicit Alone(TestModel model) : pipeline_(test::engine_of(model), {}) {}

  Answer answer(Request request) {
    const std::string key = described(request);
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = memo_.find(key); found != memo_.end()) return found->second;
    }
    request.cache = {.read = false, .write = false};
    request.timeout_ms.reset();
    Answer answer = pipeline_.answer(request).value();
    const std::lock_guard lock(mutex_);
    if (memo_.size() == memo_entries_max) memo_.clear();
    return memo_.emplace(key, std::move(answer)).first->second;
  }

 private:
  Pipeline pipeline_;
  std::mutex mutex_;
  std::map<std::string, Answer> memo_;
};

constexpr std::uint64_t KiB = 1024;
// Levels on and off, and so small that entries come and go.
const std::vector<PipelineOptions> settings = {
    {},
    {.embedding_bytes_max = 300 * KiB, .prefix_bytes_max = 600 * KiB, .response_bytes_max = 8 * KiB},
    {.embedding_bytes_max = 300 * KiB, .prefix_bytes_max = 2048 * KiB, .response_bytes_max = 1},
    {.prefix_bytes_max = 0, .response_bytes_max = 0},
    {.embedding_bytes_max = 0, .response_bytes_max = 0},
    {.shared_bytes_max = 1024 * KiB},
    {.shared_bytes_max = 0},
    {.embedding_bytes_max = 100 * KiB, .requests_max = 3},
};

struct Counts {
  std::atomic<std::uint64_t> asked = 0, ended = 0, answered = 0, cancelled = 0, timed_out = 0, refused = 0,
                             differing = 0;
  std::atomic<std::uint64_t> stored = 0, continued = 0, embedded = 0, not_put_back = 0;

  void print() const {
    say(
        std::format("{} answered ({} of them stored, {} behind a prefix, {} with embeddings; {} states not put back), "
                    "{} cancelled, {} timed out, {} refused, {} differing; {}",
                    answered.load(), stored.load(), continued.load(), embedded.load(), not_put_back.load(),
                    cancelled.load(), timed_out.load(), refused.load(), differing.load(), memory()));
  }
};

// Ends the program when nothing has ended for long, and tells of memory meanwhile.
class Watchdog {
 public:
  explicit Watchdog(const Counts& counts) : counts_(counts) {}

 private:
  void run(const std::stop_token& end) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    std::uint64_t ended = 0;
    auto last_end = SteadyClock::now(), last_line = last_end;
    while (!end.stop_requested()) {
      never.wait_for(lock, end, 1s, [] { return false; });
      const auto now = SteadyClock::now();
      if (std::exchange(ended, counts_.ended) != counts_.ended) last_end = now;
      if (now - last_line >= 1min) last_line = now, counts_.print();
      if (now - last_end < silence_max) continue;
      counts_.print();
      say(std::format("{} requests are out and none has ended for {}", counts_.asked - counts_.ended, silence_max));
      std::abort();
    }
  }

  const Counts& counts_;
  std::jthread thread_{[this](const std::stop_token& end) { run(end); }};
};

class Crowd : public testing::TestWithParam<TestModel> {
 protected:
  Crowd() {
    for (const PipelineOptions& options : settings) pipelines.push_back(std::make_unique<Pipeline>(engine, options));
  }

  void run() {
    say(std::format("FOVEA_STRESS_SEED={}", seed));
    const Watchdog watchdog(counts);
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < clients; ++i) threads.emplace_back([this, i] { be_client(seed + i); });
    threads.clear();
    counts.print();
  }

  void be_client(unsigned number) {
    RandomClient client(number);
    while (seconds > 0 ? SteadyClock::now() < end : counts.asked < requests_by_default) {
      ++counts.asked;
      ask_one(client);
      ++counts.ended;
    }
  }

  void ask_one(RandomClient& client) {
    const Request request = client.next();
    Pipeline& pipeline = *client.chance.of(pipelines);
    std::stop_source stop;
    const bool stops = client.chance.one_in(8), stops_at_token = client.chance.one_in(16);
    if (stops) stopper.stop_after(client.chance.ms(), stop);
    std::size_t tokens_left = stops_at_token ? 1 + client.chance.below(6) : 0;
    std::string streamed;
    const Listener listener{.on_text = [&](std::string_view text) { streamed += text; },
                            .on_token =
                                [&](const Token&, std::string_view) {
                                  if (tokens_left > 0 && --tokens_left == 0) stop.request_stop();
                                }};
    const auto answer = pipeline.answer(request, listener, stop.get_token());
    if (!answer) return check_fault(answer.error(), request, stops || stops_at_token);
    EXPECT_EQ(answer->text, streamed);
    check_answer(*answer, request);
    client.answered(request, answer->text);
  }

  void check_fault(const Error& error, const Request& request, bool stops) {
    if (error.fault == Fault::cancelled && stops) return void(++counts.cancelled);
    if (error.fault == Fault::timed_out && request.timeout_ms) return void(++counts.timed_out);
    if (error.fault == Fault::unavailable) return void(++counts.refused);
    ADD_FAILURE() << to_string(error.fault) << ": " << error.message << "\n" << described(request);
  }

  void check_answer(const Answer& answer, const Request& request) {
    const RequestReport& report = answer.report;
    ++counts.answered;
    counts.stored += report.response == Outcome::hit;
    counts.continued += report.cached_tokens > 0;
    counts.embedded += report.embedding == Outcome::hit;
    const bool found = std::ranges::any_of(report.lookups, [](const LookupReport& lookup) {
      return lookup.level == CacheLevel::prefix && lookup.outcome == Outcome::hit;
    });
    counts.not_put_back += found && report.cached_tokens == 0;
    EXPECT_GE(answer.answer_tokens, 0);
    EXPECT_LE(answer.answer_tokens, request.options.max_tokens);
    if (answer.finish_reason == FinishReason::length) {
      EXPECT_EQ(answer.answer_tokens, request.options.max_tokens);
    }
    if (confident) compare(answer, request);
  }

  // Reading and writing side by side rounds in another way than alone, so an answer may differ where two
  // tokens are about as likely; hardly ever, as this model knows what it says.
  void compare(const Answer& answer, const Request& request) {
    const Answer expected = alone->answer(request);
    EXPECT_EQ(answer.prompt_tokens, expected.prompt_tokens) << described(request);
    if (answer.text == expected.text) return;
    ++counts.differing;
    say(std::format("'{}' alone, but in the crowd '{}': {}", expected.text, answer.text, described(request)));
  }

  void expect_within_budgets() const {
    for (const auto& pipeline : pipelines) {
      const PipelineStats stats = pipeline->stats();
      std::uint64_t bytes = 0;
      for (const LevelStats& level : {stats.embedding, stats.prefix, stats.response}) {
        EXPECT_LE(level.bytes, level.bytes_max);
        EXPECT_EQ(level.in_use_bytes, 0u) << "nobody is there any more";
        bytes += level.bytes;
      }
      EXPECT_LE(bytes, stats.embedding.bytes_max + stats.prefix.bytes_max + stats.response.bytes_max);
    }
  }

  // What nobody has asked yet is stopped at its first token, and then asked again twice.
  void expect_hits_after_a_stop() {
    Pipeline& roomy = *pipelines.front();
    Request request{.messages = {{"user", {ImageSlot{0}, "What color is the picture?"}}},
                    .sources = {test::plain_png(96, 96, {200, 30, 30})}};
    std::stop_source stop;
    const auto stopped = roomy.answer(
        request, {.on_token = [&](const Token&, std::string_view) { stop.request_stop(); }}, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().fault, Fault::cancelled);

    const Answer second = roomy.answer(request).value();
    EXPECT_EQ(second.report.response, Outcome::miss);
    EXPECT_TRUE(second.report.embedding == Outcome::hit || second.report.images[0].in_prefix)
        << "what was encoded is kept";
    check_answer(second, request);
    const Answer third = roomy.answer(request).value();
    EXPECT_EQ(third.report.response, Outcome::hit);
    EXPECT_EQ(third.text, second.text);
  }

  void expect_one_more_answer_of_each() {
    RandomClient client(seed);
    for (const auto& pipeline : pipelines) {
      Request request = client.next();
      request.timeout_ms.reset();
      const auto answer = pipeline->answer(request);
      ASSERT_TRUE(answer) << answer.error().message;
      check_answer(*answer, request);
    }
  }

  const unsigned seconds = number_from_environment("FOVEA_STRESS_SECONDS", 0);
  const unsigned seed = number_from_environment("FOVEA_STRESS_SEED", std::random_device()());
  const SteadyClock::time_point end = SteadyClock::now() + std::chrono::seconds(seconds);
  const bool confident = GetParam() == TestModel::tiny_parallel;
  VisionLanguageEngine& engine = test::engine_of(GetParam());
  const std::unique_ptr<Alone> alone = confident ? std::make_unique<Alone>(TestModel::tiny) : nullptr;
  Counts counts;
  std::vector<std::unique_ptr<Pipeline>> pipelines;
  Stopper stopper;
};

TEST_P(Crowd, EverybodyGetsTheAnswerOfItsOwnQuestion) {
  run();
  expect_one_more_answer_of_each();
  expect_hits_after_a_stop();
  expect_within_budgets();
  EXPECT_LE(counts.differing, counts.answered / 200);
}

INSTANTIATE_TEST_SUITE_P(Models, Crowd, testing::Values(TestModel::tiny_parallel, TestModel::idefics3_parallel),
                         [](const auto& param) {
                           return param.param == TestModel::tiny_parallel ? "tiny" : "idefics3";
                         });

}  // namespace
}  // namespace fovea
