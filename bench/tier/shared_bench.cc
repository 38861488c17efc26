// shared_bench: what the shared tier takes to write and to find, beside bare SET and GET.
//
//   shared_bench [--rounds N] [--quick]
//
// A valkey-server is started on the loopback address. Values of 150 KB (an embedding), 3 MB (a prefix state)
// and 10 MB are written and found through the tier, with its MAC, its labels and all its checks, and through
// hiredis's blocking interface, which proves nothing. The two take turns, so that a slow minute of the
// machine affects both. Server and client run on the same processors. hiredis copies a value into its command
// before it sends it, which the tier does not: that is why a bare write takes longer.
#include <hiredis/hiredis.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <format>
#include <initializer_list>
#include <print>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/owned.h"
#include "base/units.h"
#include "median_ratio.h"
#include "or_exit.h"
#include "report/statistics.h"
#include "series.h"
#include "tier/entries.h"
#include "tier/valkey/valkey_server.h"
#include "tier/valkey/valkey_tier.h"

namespace {

using namespace fovea;
using bench::or_exit, bench::Series;

void expect(bool holds, const char* what) {
  if (holds) return;
  std::println(stderr, "shared_bench: {}", what);
  std::exit(1);
}

// A connection of its own by hiredis's blocking interface.
class Bare {
 public:
  explicit Bare(std::uint16_t port) : context_(redisConnect("127.0.0.1", port)) {
    expect(context_ && context_->err == 0, "the server does not answer");
  }

  void set(std::string_view key, const Blob& value) {
    const Reply reply = ask({"SET", key, value.text()});
    expect(reply && reply->type == REDIS_REPLY_STATUS, "SET failed");
  }
  // The length of what it has.
  std::size_t get(std::string_view key) {
    const Reply reply = ask({"GET", key});
    return reply && reply->type == REDIS_REPLY_STRING ? reply->len : 0;
  }

 private:
  using Reply = Owned<redisReply, [](redisReply* reply) { freeReplyObject(reply); }>;

  Reply ask(std::initializer_list<std::string_view> words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string_view word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    const int count = static_cast<int>(words.size());
    return Reply(static_cast<redisReply*>(redisCommandArgv(context_.get(), count, texts.data(), sizes.data())));
  }

  Owned<redisContext, redisFree> context_;
};

void print(const char* what, std::size_t bytes, const Series& tier, const Series& bare) {
  const Estimate ratio = bench::median_ratio(tier.ms, bare.ms);
  std::println("{:>9} {:<6} tier {:>8.3f} (p99 {:>8.3f})  bare {:>8.3f} (p99 {:>8.3f})  {:.2f}x [{:.2f}, {:.2f}]",
               format_bytes(bytes), what, tier.median(), percentile(tier.ms, 0.99), bare.median(),
               percentile(bare.ms, 0.99), ratio.value, ratio.low, ratio.high);
}

void values(Tier& tier, Bare& bare, std::size_t bytes, int rounds) {
  constexpr int kept = 8;  // different values: what is asked for again and again is not the same bytes
  constexpr RecordKind kind = RecordKind::prefix;
  Series put, bare_put, hit, bare_hit, miss, bare_miss;
  for (int round = 0; round < rounds; ++round) {
    const std::string name = std::format("{} {}", bytes, round % kept);
    const TierEntry entry = test::entry_of(name, static_cast<std::uint64_t>(round), bytes, kind);
    put.time([&] { expect(tier.insert(kind, entry).has_value(), "the tier does not take it"); });
    bare_put.time([&] { bare.set(name, entry.record); });
  }
  for (int round = 0; round < rounds; ++round) {
    const std::string name = std::format("{} {}", bytes, round % std::min(kept, rounds));
    const std::string absent = std::format("no {}", round);
    const Key key = test::key_of(name), absent_key = test::key_of(absent);
    hit.time([&] { expect(or_exit(tier.find_many(kind, std::span(&key, 1), {}))[0].has_value(), "not found"); });
    bare_hit.time([&] { expect(bare.get(name) > bytes, "not there"); });
    miss.time([&] { expect(!or_exit(tier.find_many(kind, std::span(&absent_key, 1), {}))[0], "found"); });
    bare_miss.time([&] { expect(bare.get(absent) == 0, "there"); });
  }
  print("write", bytes, put, bare_put);
  print("hit", bytes, hit, bare_hit);
  print("miss", bytes, miss, bare_miss);
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 2000;
  bool quick = false;
  CLI::App app("What the shared tier takes to write and to find, beside bare SET and GET");
  app.add_option("--rounds", rounds, "With 150 KB; a tenth of it with 3 MB, a twentieth with 10 MB")
      ->check(CLI::Range(20, 1'000'000))
      ->capture_default_str();
  app.add_flag("--quick", quick, "100 rounds, to see that it works");
  CLI11_PARSE(app, argc, argv);
  if (quick) rounds = 100;

  const test::ValkeyServer server;
  const auto tier = or_exit(ValkeyTier::open({.address = server.address(), .fleet_keys = {SealKey{std::byte{1}}}}));
  Bare bare(server.port());
  std::println("medians in ms; valkey-server at {}, with a fleet key", server.address());
  values(*tier, bare, 150'000, rounds);
  values(*tier, bare, 3'000'000, rounds / 10);
  values(*tier, bare, 10'000'000, rounds / 20);
  return 0;
}
