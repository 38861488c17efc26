// A target is asked through a Client, which keeps its conversations. In turns, one thread does everything.
// Otherwise ClientThreads share a list of waiting requests: each takes the first one whose conversation no
// other thread is in, so that the turns of a conversation stay in order however many threads there are.
#include "bench/bench_run.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <format>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"
#include "bench/client.h"
#include "trace/mixed_bits.h"

namespace fovea {

namespace {

constexpr std::uint32_t failures_max = 5;   // in a row: the target is gone, and more requests would show nothing
constexpr double poll_ms = 100;             // how often a waiting thread checks for an interrupt
constexpr std::uint32_t clients_max = 256;  // threads; an open load that needs more falls behind

bool is_control(const ScriptRequest& request) { return request.kind == RequestKind::control; }

class Bench {
 public:
  Bench(const Scenario& scenario, const Script& script, PictureSet& pictures, std::span<BenchedTarget> targets,
        const BenchOptions& options, std::stop_token stop)
      : scenario_(scenario), script_(script), pictures_(pictures), options_(options), stop_(std::move(stop)) {
    for (const BenchedTarget& benched : targets)
      lanes_.push_back({std::make_unique<Client>(*benched.target, scenario, pictures), std::max(1U, benched.every)});
    answers_ = script.requests.size() * targets.size() * options.passes;
  }

  Result<void> run() {
    if (auto warmed = warm_up(); !warmed) return warmed;
    const bool in_turns = options_.clients == 1 && options_.arrivals_ms.empty();
    for (pass_ = 1; pass_ <= options_.passes; ++pass_) {
      if (auto done = in_turns ? run_in_turns() : run_one_by_one(); !done) return done;
      for (Lane& lane : lanes_) lane.client->purge();
    }
    return {};
  }

 private:
  struct Lane {
    std::unique_ptr<Client> client;
    std::uint32_t every;
    std::uint32_t failures = 0;  // in a row
  };

  Result<void> warm_up() {
    ScriptRequest request = script_.warm_up;
    std::erase_if(request.parts, [&](const ScriptPart& part) {  // a folder has no such picture: only the text is sent
      const auto* picture = std::get_if<PictureName>(&part);
      return picture != nullptr && picture->number >= pictures_.count_max();
    });
    for (Lane& lane : lanes_) {
      const auto record = lane.client->ask(request, *lane.client, stop_);
      if (!record) return std::unexpected(record.error());
      lane.client->purge();
    }
    return {};
  }

  bool is_asked(const Lane& lane, std::uint32_t index) const {
    if (is_control(script_.requests[index])) return pass_ == 1;
    return index % lane.every == 0 && (pass_ == 1 || lane.every == 1);
  }

  std::uint32_t restart_index() const {
    return static_cast<std::uint32_t>(scenario_.restart_after * static_cast<double>(script_.requests.size()));
  }

  // Whose conversations a target continues: its own, or those of a target that gets every request.
  const Client& conversations_of(const Lane& lane) const {
    if (lane.every == 1) return *lane.client;
    const auto whole = std::ranges::find(lanes_, 1U, &Lane::every);
    return whole == lanes_.end() ? *lane.client : *whole->client;
  }

  Result<void> restart() {
    for (Lane& lane : lanes_) {
      if (auto restarted = lane.client->target().restart(); !restarted) return restarted;
    }
    restarted_ = true;
    return options_.restart ? options_.restart() : Result<void>();
  }

  // The order is random, because it matters: the processor's caches are full of what the target before did.
  std::vector<Lane*> in_random_order(std::uint32_t index) {
    std::vector<Lane*> order;
    for (Lane& lane : lanes_) order.push_back(&lane);
    std::uint64_t draw = index * std::uint64_t{pass_};
    for (std::size_t i = order.size(); i > 1; --i) {
      draw = mixed_bits(draw);
      std::swap(order[i - 1], order[draw % i]);
    }
    return order;
  }

  Result<void> run_in_turns() {
    for (std::uint32_t i = 0; i < script_.requests.size(); ++i) {
      if (pass_ == 1 && i > 0 && i == restart_index()) {
        if (auto restarted = restart(); !restarted) return restarted;
      }
      for (Lane* lane : in_random_order(i)) {
        if (auto asked = is_asked(*lane, i) ? ask(*lane, i, watch_.elapsed_ms()) : Result<void>(); !asked) return asked;
        count_answer();
      }
      for (Lane& lane : lanes_) lane.client->remember(script_.requests[i]);
    }
    return {};
  }

  Result<void> run_one_by_one() {
    for (Lane& lane : lanes_) {
      if (auto done = run_alone(lane); !done) return done;
    }
    return {};
  }

  Result<void> run_alone(Lane& lane);
  Result<void> ask(Lane& lane, std::uint32_t index, double asked_ms);
  Result<void> take(Lane& lane, BenchRecord record);

  void count_answer() {
    report_progress(options_.progress, static_cast<double>(++answered_) / static_cast<double>(answers_));
  }

  const Scenario& scenario_;
  const Script& script_;
  const PictureSet& pictures_;
  const BenchOptions& options_;
  const std::stop_token stop_;
  std::vector<Lane> lanes_;
  const Stopwatch watch_;
  std::uint32_t pass_ = 1;
  bool restarted_ = false;
  std::size_t answers_ = 0, answered_ = 0;

  friend class ClientThreads;
};

Result<void> Bench::take(Lane& lane, BenchRecord record) {
  if (stop_.stop_requested()) return fail(Fault::cancelled, "interrupted");
  lane.failures = record.error.empty() ? 0 : lane.failures + 1;
  if (auto written = options_.on_record(record); !written) return written;
  if (lane.failures < failures_max) return {};
  return fail(Fault::unavailable, std::format("{} could not answer {} requests in a row; at last: {}",
                                              lane.client->target().name(), failures_max, record.error));
}

Result<void> Bench::ask(Lane& lane, std::uint32_t index, double asked_ms) {
  auto record = lane.client->ask(script_.requests[index], conversations_of(lane), stop_);
  if (!record) return std::unexpected(record.error());
  record->request = index;
  record->pass = pass_;
  record->restarted = restarted_;
  record->asked_ms = asked_ms;
  return take(lane, std::move(*record));
}

// The threads that send one target's requests. Each takes the next request whose conversation is free.
class ClientThreads {
 public:
  ClientThreads(Bench& bench, Bench::Lane& lane) : bench_(bench), lane_(lane) {
    for (std::uint32_t i = 0; i < bench.script_.requests.size(); ++i) {
      if (bench.is_asked(lane, i)) waiting_.push_back(i);
    }
  }

  Result<void> run() {
    const bool open = !bench_.options_.arrivals_ms.empty();
    const std::size_t threads =
        std::min<std::size_t>(open ? clients_max : bench_.options_.clients, bench_.script_.requests.size());
    {
      std::vector<std::jthread> clients;
      for (std::size_t i = 0; i < threads; ++i) clients.emplace_back([this] { send_requests(); });
    }
    MutexLock lock(mutex_);
    if (bench_.stop_.stop_requested()) return fail(Fault::cancelled, "interrupted");
    return std::move(outcome_);
  }

 private:
  // Takes the next request that can be sent; nullopt when none is left. Waits for conversations, and with an
  // open load for the time at which the request is due.
  std::optional<std::uint32_t> next() {
    MutexLock lock(mutex_);
    while (outcome_ && !waiting_.empty() && !bench_.stop_.stop_requested()) {
      auto free = waiting_.begin();
      while (free != waiting_.end() && busy_.contains(bench_.script_.requests[*free].conversation)) ++free;
      const double wait_ms = free == waiting_.end() ? poll_ms : arrival_ms(*free) - watch_.elapsed_ms();
      if (wait_ms > 0) {
        changed_.wait_for(mutex_, std::chrono::duration<double, std::milli>(std::min(wait_ms, poll_ms)));
        continue;
      }
      const std::uint32_t index = *free;
      waiting_.erase(free);
      busy_.insert(bench_.script_.requests[index].conversation);
      return index;
    }
    return std::nullopt;
  }

  double arrival_ms(std::uint32_t index) const {
    const auto& arrivals = bench_.options_.arrivals_ms;
    if (arrivals.empty()) return 0;
    const std::size_t rounds = index / arrivals.size();
    return arrivals[index % arrivals.size()] + static_cast<double>(rounds) * arrivals.back();
  }

  void send_requests() {
    while (const auto index = next()) {
      const double asked_ms = bench_.options_.arrivals_ms.empty() ? watch_.elapsed_ms() : arrival_ms(*index);
      const double late_ms = watch_.elapsed_ms() - asked_ms;
      auto record = lane_.client->ask(bench_.script_.requests[*index], *lane_.client, bench_.stop_);
      lane_.client->remember(bench_.script_.requests[*index]);
      settle(*index, asked_ms, late_ms, std::move(record));
    }
  }

  void settle(std::uint32_t index, double asked_ms, double late_ms, Result<BenchRecord> record) {
    MutexLock lock(mutex_);
    busy_.erase(bench_.script_.requests[index].conversation);
    changed_.notify_all();
    if (!record) {
      outcome_ = std::unexpected(record.error());
      return;
    }
    record->request = index;
    record->pass = bench_.pass_;
    record->asked_ms = asked_ms;
    if (!bench_.options_.arrivals_ms.empty()) {  // a request that is sent late has waited since it was due
      record->first_ms += late_ms;
      record->total_ms += late_ms;
    }
    bench_.count_answer();
    if (auto taken = bench_.take(lane_, std::move(*record)); !taken) outcome_ = std::move(taken);
  }

  Bench& bench_;
  Bench::Lane& lane_;
  Mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::uint32_t> waiting_ FOVEA_GUARDED_BY(mutex_);  // indices, in order
  std::set<std::uint32_t> busy_ FOVEA_GUARDED_BY(mutex_);        // conversations
  Result<void> outcome_ FOVEA_GUARDED_BY(mutex_);
  const Stopwatch watch_;
};

Result<void> Bench::run_alone(Lane& lane) { return ClientThreads(*this, lane).run(); }

}  // namespace

Result<void> run_bench(const Scenario& scenario, const Script& script, PictureSet& pictures,
                       std::span<BenchedTarget> targets, const BenchOptions& options, const std::stop_token& stop) {
  return Bench(scenario, script, pictures, targets, options, stop).run();
}

}  // namespace fovea
