#include "bench/bench_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "base/mutex.h"

namespace fovea {
namespace {

const std::vector<std::string> questions = {"What?", "Where?", "Why?"};

// Answers with the roles of the messages of its request, and keeps them.
class Parrot final : public Target {
 public:
  explicit Parrot(std::string name) : name_(std::move(name)) {}
  const std::string& name() const override { return name_; }
  std::string about() const override { return "a parrot"; }
  Result<Measured> ask(const Request& request, const std::stop_token&) override {
    if (failing) return fail(Fault::unavailable, "no answer today");
    std::this_thread::yield();
    std::string seen;
    for (const Message& message : request.messages) seen += message.role[0];
    {
      MutexLock lock(mutex);
      asked.push_back(seen);
      pictures.push_back(request.sources.size());
    }
    return Measured{.text = "answer to " + seen, .first_ms = 1, .total_ms = 2};
  }
  Result<void> restart() override {
    ++restarts;
    return {};
  }

  std::atomic<int> restarts = 0;
  std::atomic<bool> failing = false;
  Mutex mutex;
  std::vector<std::string> asked;
  std::vector<std::size_t> pictures;

 private:
  const std::string name_;
};

class BenchRunTest : public testing::Test {
 protected:
  void add(const std::string& name, std::uint32_t every = 1) {
    auto parrot = std::make_unique<Parrot>(name);
    parrots.push_back(parrot.get());
    targets.push_back({std::move(parrot), every});
  }

  Result<void> run(const std::string& json, BenchOptions options = {}, std::stop_token stop = {}) {
    const auto scenario = parse_scenario(json);
    EXPECT_TRUE(scenario) << scenario.error().message;
    auto pictures = PictureSet::open({.kind = PictureKind::scene, .width = 16, .height = 16});
    EXPECT_TRUE(pictures);
    options.on_record = [this](const BenchRecord& record) {
      records.push_back(record);
      return Result<void>();
    };
    return run_bench(*scenario, make_script(*scenario, 1, questions), *pictures, targets, options, stop);
  }

  std::vector<Parrot*> parrots;
  std::vector<BenchedTarget> targets;
  std::vector<BenchRecord> records;
};

TEST_F(BenchRunTest, EverybodyIsAskedTheSameInTurns) {
  add("a");
  add("b");
  ASSERT_TRUE(run(R"({"workload": {"name": "t", "requests": 6}})"));
  ASSERT_EQ(records.size(), 12u);
  std::set<std::string> first;
  for (std::size_t i = 0; i < records.size(); i += 2) {
    EXPECT_EQ(records[i].request, i / 2);
    EXPECT_EQ(records[i + 1].request, i / 2);
    EXPECT_NE(records[i].target, records[i + 1].target);
    first.insert(records[i].target);
  }
  EXPECT_EQ(first.size(), 2u) << "each is first at times";
  EXPECT_EQ(parrots[0]->asked, parrots[1]->asked);
  EXPECT_EQ(records[0].answer, records[1].answer);
}

TEST_F(BenchRunTest, ATurnCarriesTheOnesBeforeItsAnswersIncluded) {
  add("a");
  add("sampled", 2);
  ASSERT_TRUE(run(
      R"({"workload": {"name": "t", "requests": 6, "images": 1, "same_image": 1, "repeat": 0}, "prompt": "chat", "turns_max": 3, "system": "Be."})"));
  EXPECT_EQ(parrots[0]->asked, (std::vector<std::string>{"su", "su", "suau", "suauau", "su", "suau", "suauau"}));
  EXPECT_EQ(parrots[0]->pictures, (std::vector<std::size_t>(7, 1)));
  EXPECT_EQ(parrots[1]->asked, (std::vector<std::string>{"su", "su", "suauau", "suau"}))
      << "the answers of the target that gets every request";
}

TEST_F(BenchRunTest, ASampleIsAskedOneInSoManyAndAllControls) {
  add("sampled", 5);
  add("whole");
  ASSERT_TRUE(run(R"({"workload": {"name": "t", "requests": 10}, "control_every": 4})", {.passes = 2}));
  std::vector<std::uint32_t> sampled, controls;
  for (const BenchRecord& record : records) {
    if (record.target != "sampled") continue;
    (record.kind == "control" ? controls : sampled).push_back(record.request);
    EXPECT_EQ(record.pass, 1u);
  }
  EXPECT_EQ(sampled, (std::vector<std::uint32_t>{0, 5, 10}));
  EXPECT_EQ(controls, (std::vector<std::uint32_t>{4, 9}));
  EXPECT_EQ(std::ranges::count_if(records, [](const BenchRecord& record) { return record.pass == 2; }), 10)
      << "the second pass has no controls";
}

TEST_F(BenchRunTest, TheRestartComesOnceAndIsTold) {
  add("a");
  int commands = 0;
  ASSERT_TRUE(run(R"({"workload": {"name": "t", "requests": 10}, "restart_after": 0.5})",
                  {.passes = 2, .restart = [&] { return ++commands, Result<void>(); }}));
  EXPECT_EQ(commands, 1);
  EXPECT_EQ(parrots[0]->restarts, 1);
  EXPECT_FALSE(records[4].restarted);
  EXPECT_TRUE(records[5].restarted);
}

TEST_F(BenchRunTest, WhoNeverAnswersEndsIt) {
  add("a");
  parrots[0]->failing = true;
  const auto done = run(R"({"workload": {"name": "t", "requests": 10}})");
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().message.contains("no answer today"));
  EXPECT_EQ(records.size(), 5u);
  EXPECT_EQ(records[0].error, "no answer today");
}

TEST_F(BenchRunTest, AnInterruptEndsIt) {
  add("a");
  std::stop_source stop;
  stop.request_stop();
  const auto done = run(R"({"workload": {"name": "t", "requests": 10}})", {}, stop.get_token());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::cancelled);
}

TEST_F(BenchRunTest, ClientsAskSideBySideAndConversationsInOrder) {
  const char* chats = R"({"workload": {"name": "t", "requests": 200, "images": 5}, "prompt": "chat", "turns_max": 4})";
  add("a");
  add("b");
  ASSERT_TRUE(run(chats, {.clients = 6}));
  ASSERT_EQ(records.size(), 400u);
  for (std::size_t i = 0; i < 400; ++i) EXPECT_EQ(records[i].target, i < 200 ? "a" : "b");
  std::set<std::uint32_t> requests;
  for (std::size_t i = 0; i < 200; ++i) requests.insert(records[i].request);
  EXPECT_EQ(requests.size(), 200u);
  std::vector<std::string> side_by_side = parrots[0]->asked;
  add("c");
  targets.erase(targets.begin(), targets.begin() + 2);
  ASSERT_TRUE(run(chats));
  std::vector<std::string> in_turns = parrots[2]->asked;
  std::ranges::sort(side_by_side);
  std::ranges::sort(in_turns);
  EXPECT_EQ(side_by_side, in_turns) << "a turn came before a turn that it carries";
}

TEST_F(BenchRunTest, AnOpenLoadCountsFromWhenARequestWasDue) {
  add("a");
  ASSERT_TRUE(run(R"({"workload": {"name": "t", "requests": 5}})", {.arrivals_ms = {1, 2, 3}}));
  ASSERT_EQ(records.size(), 5u);
  std::map<std::uint32_t, double> due;
  for (const BenchRecord& record : records) {
    due[record.request] = record.asked_ms;
    EXPECT_GE(record.total_ms, 2);
  }
  EXPECT_EQ(due, (std::map<std::uint32_t, double>{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}));
}

}  // namespace
}  // namespace fovea
