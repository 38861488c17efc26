// miss_bench: what tiers cost where they do not help: a first look at a picture that nobody has, and a hit
// in memory.
//
//   miss_bench [--part miss|hit] [--model FILE --mmproj FILE] [--rounds N] [--side PIXELS]
//
// miss   a first request with no tiers, with a disk and a Valkey server, and with both failing after their
//        breakers opened (a disk that fails each call, a port where no server listens); new pictures, in an
//        order that turns. What is written is written before the next request, and its time is told apart.
// hit    a store's hit in memory, with the same tiers behind it and without, in turns.
//
// The model is the bundled one unless named. The first round only warms up and is not counted.
#include <algorithm>
#include <array>
#include <chrono>
#include <format>
#include <memory>
#include <print>
#include <string>
#include <thread>
#include <vector>

#include "base/scratch_folder.h"
#include "base/units.h"
#include "median_ratio.h"
#include "model_run.h"
#include "new_picture.h"
#include "pictures/sources.h"
#include "pipeline/pipeline.h"
#include "report/statistics.h"
#include "store/tiered_store.h"
#include "tier/entries.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/valkey_server.h"
#include "tier/valkey/valkey_tier.h"

namespace {

using namespace fovea;
using bench::median, bench::ModelRun, bench::new_picture, bench::or_exit;

// A tier that fails each call at once.
class FailingTier final : public Tier {
 public:
  TierKind kind() const override { return TierKind::disk; }
  Result<std::vector<std::optional<TierHit>>> find_many(RecordKind, std::span<const Key>, const WaitLimits&) override {
    return failed();
  }
  Result<std::optional<Last>> find_last(RecordKind, std::span<const Key>, const WaitLimits&) override {
    return failed();
  }
  Result<void> insert(RecordKind, const TierEntry&) override { return failed(); }
  Result<void> erase(RecordKind, std::span<const Key>) override { return failed(); }
  Result<void> purge_labels(std::span<const PurgeLabel>) override { return failed(); }
  Result<KeyPage> keys(RecordKind, std::string_view, const WaitLimits&) override { return failed(); }
  TierContent content(RecordKind) const override { return {}; }
  std::array<std::uint64_t, record_faults> doubtful() const override { return {}; }

 private:
  static std::unexpected<Error> failed() { return fail(Fault::unavailable, "the disk fails"); }
};

std::unique_ptr<TierLane> lane(std::unique_ptr<Tier> tier) {
  return std::make_unique<TierLane>(std::move(tier), TierLaneOptions{});
}

std::unique_ptr<Tier> shared_tier(const std::string& address) {
  return or_exit(ValkeyTier::open({.address = address, .fleet_keys = {SealKey{std::byte{1}}}}));
}

// A disk and a server, as they are here or failing.
class Behind {
 public:
  explicit Behind(bool failing) {
    if (failing) {
      tiers_.push_back(lane(std::make_unique<FailingTier>()));
      tiers_.push_back(lane(shared_tier(std::format("valkey://127.0.0.1:{}", test::free_port()))));
      return;
    }
    server_ = std::make_unique<test::ValkeyServer>();
    tiers_.push_back(
        lane(or_exit(RocksdbTier::open({.folder = folder_.path(), .bytes_max = std::uint64_t{10} << 30}))));
    tiers_.push_back(lane(shared_tier(server_->address())));
  }

  const Tiers& tiers() const { return tiers_; }
  void flush() {
    for (const auto& tier : tiers_) tier->flush(std::chrono::steady_clock::now() + std::chrono::seconds(60));
  }
  bool left_alone() const {
    return std::ranges::all_of(tiers_, [](const auto& tier) { return tier->stats().reading != BreakerState::closed; });
  }

 private:
  const ScratchFolder folder_ = or_exit(ScratchFolder::make("fovea-miss-bench"));
  std::unique_ptr<test::ValkeyServer> server_;
  Tiers tiers_;
};

class Misses {
 public:
  explicit Misses(const ModelRun& run) : run_(run), engine_(or_exit(llama::LlamaEngine::open(run.engine))) {
    pipelines_[0] = pipeline(nullptr);
    pipelines_[1] = pipeline(&working_.tiers());
    pipelines_[2] = pipeline(&failing_.tiers());
  }

  void measure() {
    while (!failing_.left_alone()) ask(2);
    for (int round = 0; round <= run_.rounds; ++round) {
      for (std::size_t turn = 0; turn < names.size(); ++turn) {
        const std::size_t which = (turn + static_cast<std::size_t>(round)) % names.size();
        const double took_ms = ask(which);
        const Stopwatch writing;
        if (which == 1) working_.flush();
        if (round == 0) continue;
        ms_[which].push_back(took_ms);
        if (which == 1) written_ms_.push_back(writing.elapsed_ms());
      }
    }
    print();
  }

 private:
  static constexpr std::array names{"no tiers", "disk and server", "both failing"};

  std::unique_ptr<Pipeline> pipeline(const Tiers* tiers) {
    return std::make_unique<Pipeline>(*engine_, PipelineOptions{.tiers = tiers});
  }

  double ask(std::size_t which) {
    const Request request{.messages = {{"user", {ImageSlot{0}, "What is this?"}}},
                          .sources = {new_picture(run_.side, pictures_++)},
                          .options = {.max_tokens = 4}};
    engine_->purge_idle();  // the decoder has nothing cached
    const Stopwatch watch;
    or_exit(pipelines_[which]->answer(request));
    return watch.elapsed_ms();
  }

  void print() const {
    for (std::size_t which = 0; which < names.size(); ++which) {
      const Estimate ratio = bench::median_ratio(ms_[which], ms_[0]);
      std::println("{:<18} median {:>10}  {:.4f} of no tiers [{:.4f}, {:.4f}]", names[which],
                   format_ms(median(ms_[which])), ratio.value, ratio.low, ratio.high);
    }
    std::println("written behind each answer: {} on the average", format_ms(mean_of(written_ms_).value));
  }

  const ModelRun& run_;
  const std::unique_ptr<llama::LlamaEngine> engine_;
  Behind working_{false}, failing_{true};
  std::array<std::unique_ptr<Pipeline>, names.size()> pipelines_;
  std::array<std::vector<double>, names.size()> ms_;
  std::vector<double> written_ms_;
  int pictures_ = 0;
};

// Rounds of hits in each of the two stores.
void hits(int rounds) {
  constexpr int entries = 1000, hits_of_a_round = 100'000;
  constexpr RecordKind kind = RecordKind::embedding;
  const auto memory = [&] { return std::make_unique<MemoryStore>(kind, LevelOptions{.bytes_max = 1 << 30}); };
  Behind working(false);
  const auto alone = memory();
  TieredStore tiered(kind, memory(), working.tiers());
  std::vector<Key> keys;
  for (int i = 0; i < entries; ++i) {
    const TierEntry entry = test::entry_of(std::to_string(i), static_cast<std::uint64_t>(i), 2000, kind);
    keys.push_back(entry.key);
    alone->insert(entry.key, entry.record, {entry.tenant, entry.images});
    tiered.insert(entry.key, entry.record, {entry.tenant, entry.images});
  }
  working.flush();
  const auto ns_of_a_hit = [&](Store& store) {
    const Stopwatch watch;
    for (int i = 0; i < hits_of_a_round; ++i) {
      if (!store.find(keys[static_cast<std::size_t>(i * 7 % entries)], test::test_scope())) std::exit(1);
    }
    return watch.elapsed_ms() * 1e6 / hits_of_a_round;
  };
  std::vector<double> without, with;
  for (int round = 0; round <= rounds; ++round) {
    const bool tiers_first = round % 2 == 0;
    const double first = ns_of_a_hit(tiers_first ? static_cast<Store&>(tiered) : *alone);
    const double second = ns_of_a_hit(tiers_first ? static_cast<Store&>(*alone) : tiered);
    if (round == 0) continue;
    with.push_back(tiers_first ? first : second);
    without.push_back(tiers_first ? second : first);
  }
  const Estimate ratio = bench::median_ratio(with, without);
  std::println("a hit in memory: without tiers {:.1f} ns, with {:.1f} ns: {:.4f} [{:.4f}, {:.4f}]", median(without),
               median(with), ratio.value, ratio.low, ratio.high);
}

}  // namespace

int main(int count, char** arguments) {
  ModelRun run;
  run.rounds = 50;
  std::string part = "miss";
  CLI::App flags("What tiers cost where they do not help");
  run.add_model(flags);
  run.add_rounds(flags);
  flags.add_option("--part", part)->check(CLI::IsMember({"miss", "hit"}))->capture_default_str();
  CLI11_PARSE(flags, count, arguments);
  if (part == "hit") {
    hits(run.rounds);
    return 0;
  }
  run.print("miss_bench");
  Misses(run).measure();
  return 0;
}
