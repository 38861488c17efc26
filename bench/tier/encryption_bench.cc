// encryption_bench: what encrypting a tier costs, beside the same tier in the clear.
//
//   encryption_bench [--values N] [--folder DIR]
//
// Two disk tiers side by side, one encrypted. N values of 150 KB (an embedding) and N / 5 of 3 MB (a prefix
// state) are written into both and found again, in turns, so that a busy machine is busy for both. The median
// of each, and the ratio of the medians; and what encrypting and decrypting alone take.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <print>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/scratch_folder.h"
#include "base/units.h"
#include "or_exit.h"
#include "series.h"
#include "tier/encryption/encrypted_entry.h"
#include "tier/encryption/encrypted_tier.h"
#include "tier/encryption/secret_files.h"
#include "tier/entries.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace {

using namespace fovea;
using bench::or_exit, bench::Series;

constexpr std::uint64_t bytes_max = std::uint64_t{8} << 30;

void look_up(Tier& tier, RecordKind kind, const Key& key) {
  if (!or_exit(tier.find_many(kind, std::span(&key, 1), {})).front()) {
    std::println(stderr, "encryption_bench: a value is gone");
    std::exit(1);
  }
}

void tiers(Tier& clear, Tier& encrypted, RecordKind kind, std::size_t bytes, int values) {
  Series clear_put, encrypted_put, clear_hit, encrypted_hit, sealing, opening;
  const Secret key = Secret::drawn();
  for (int i = 0; i < values; ++i) {
    const TierEntry entry = test::entry_of(std::format("{} {}", bytes, i), static_cast<std::uint64_t>(i), bytes, kind);
    clear_put.time([&] { or_exit(clear.insert(kind, entry)); });
    encrypted_put.time([&] { or_exit(encrypted.insert(kind, entry)); });
    TierEntry sealed;
    sealing.time([&] { sealed = encrypt_entry(kind, entry, key); });
    const TierHit stored{sealed, *view_record(sealed.record)};
    opening.time([&] {
      if (!decrypt_entry(kind, stored, std::span(&key, 1))) std::exit(1);
    });
  }
  for (int i = 0; i < values; ++i) {
    const Key name = test::key_of(std::format("{} {}", bytes, i));
    clear_hit.time([&] { look_up(clear, kind, name); });
    encrypted_hit.time([&] { look_up(encrypted, kind, name); });
  }
  std::println(
      "{:>9} x {:<5} write {:.3f} -> {:.3f} ({:.2f}x)  hit {:.3f} -> {:.3f} ({:.2f}x)  encrypting {:.3f}  "
      "decrypting {:.3f}",
      format_bytes(bytes), values, clear_put.median(), encrypted_put.median(),
      encrypted_put.median() / clear_put.median(), clear_hit.median(), encrypted_hit.median(),
      encrypted_hit.median() / clear_hit.median(), sealing.median(), opening.median());
}

}  // namespace

int main(int argc, char** argv) {
  int values = 1000;
  std::string folder;
  CLI::App app("What encrypting a tier costs, beside the same tier in the clear");
  app.add_option("--values", values, "Values of 150 KB; a fifth as many of 3 MB")->capture_default_str();
  app.add_option("--folder", folder, "Where [a folder for temporary files]");
  CLI11_PARSE(app, argc, argv);

  const auto scratch = or_exit(ScratchFolder::make("fovea-encryption-bench"));
  const std::filesystem::path place = folder.empty() ? scratch.path() : std::filesystem::path(folder);
  const auto clear = or_exit(RocksdbTier::open({.folder = place / "clear", .bytes_max = bytes_max}));
  auto keys =
      std::make_shared<TenantKeys>(std::vector{SealKey{std::byte{1}}}, or_exit(SecretFiles::open(place / "secrets")));
  EncryptedTier encrypted(or_exit(RocksdbTier::open({.folder = place / "encrypted", .bytes_max = bytes_max})),
                          std::move(keys), SecretOnPurge::destroyed);
  std::println("medians in ms, in the clear -> encrypted");
  tiers(*clear, encrypted, RecordKind::embedding, 150'000, values);
  tiers(*clear, encrypted, RecordKind::prefix, 3'000'000, std::max(values / 5, 1));
}
