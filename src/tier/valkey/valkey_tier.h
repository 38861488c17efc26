// ValkeyTier: a Valkey server, or a Cluster of them, as a tier that many processes share.
//
// A value's key is "fovea:1:", the kind's number, ":" and the 32 bytes of its own key; the value is
// seal_entry's head and the record. Where fleet keys are set, nothing is believed that lacks their MAC,
// so that who can write to the server cannot choose answers. A server that keeps snapshots may bring back
// after a crash what was purged since the last one: it should keep none. Thread-safe. A call blocks its
// thread, within its limits.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "store/sealed_entry.h"
#include "store/tier.h"
#include "tier/valkey/wire/tls.h"
#include "tier/valkey/wire/until.h"

namespace fovea {

namespace valkey {
class Client;
class GenerationTable;
class LeaseHolder;
class PurgeStream;
}  // namespace valkey

struct ValkeyOptions {
  static constexpr std::size_t fleet_keys_max = 2;  // the present one, and the one before or after it

  std::string address;                  // valkey://[user@]host:port[,host:port...]; valkeys:// for TLS
  std::filesystem::path password_file;  // its first line; empty = FOVEA_VALKEY_PASSWORD, if that is set
  valkey::TlsFiles tls;
  std::vector<SealKey> fleet_keys;                          // the first seals, all are believed; none = no MAC
  std::uint64_t entry_bytes_max = std::uint64_t{64} << 20;  // larger entries are not kept
  std::chrono::milliseconds time_to_live{0};                // of an entry; 0 = until the server evicts it
  std::chrono::milliseconds wait_max{5000};                 // of a call, whatever its caller allows
};

class ValkeyTier final : public Tier {
 public:
  // The server need not run: then each call is unavailable, until it does. Makes no connection yet.
  // Faults: invalid, not_found (a file), unsupported, with what to write instead.
  static Result<std::unique_ptr<ValkeyTier>> open(const ValkeyOptions& options);
  ~ValkeyTier() override;

  TierKind kind() const override { return TierKind::shared; }

  // Where some of a cluster's nodes fail, their keys are misses; an error where all do.
  Result<std::vector<std::optional<TierHit>>> find_many(RecordKind kind, std::span<const Key> keys,
                                                        const WaitLimits& limits) override;
  Result<std::optional<Last>> find_last(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) override;
  // Fault, besides Tier's: too_large.
  Result<void> insert(RecordKind kind, const TierEntry& entry) override;
  Result<void> erase(RecordKind kind, std::span<const Key> keys) override;
  void drop(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) override;
  // Everything is what any process has stored: their generations go, and they are found by SCAN.
  Result<void> purge_labels(std::span<const PurgeLabel> labels) override;
  PurgeLog* purge_log() override;

  // Keys of one server after the other, by SCAN.
  Result<KeyPage> keys(RecordKind kind, std::string_view from, const WaitLimits& limits) override;
  Result<bool> acquire_lease(const Key& key, std::chrono::milliseconds time) override;
  void release_lease(const Key& key) override;

  // Nothing: a server counts no kinds, and what others keep in it is not ours to say.
  TierContent content(RecordKind) const override { return {}; }
  std::array<std::uint64_t, record_faults> doubtful() const override;

  // Why an entry that lies there is not sound, its generations aside; nullopt where it is, or is not there.
  // For looking: unlike a look-up, this removes nothing. Faults: as find_many.
  Result<std::optional<RecordFault>> fault_of(RecordKind kind, const Key& key, const WaitLimits& limits) const;

  // For what else lies in the same servers, and for looking at them.
  valkey::Client& client() { return *client_; }
  std::shared_ptr<valkey::Client> shared_client() const { return client_; }

 private:
  struct Candidate;  // an entry that was read, and is sound but for its generations

  ValkeyTier(const ValkeyOptions& options, std::shared_ptr<valkey::Client> client);
  std::expected<OpenedEntry, RecordFault> opened(RecordKind kind, const Key& key, const Blob& value) const;
  Result<std::vector<Candidate>> read(RecordKind kind, std::span<const Key> keys, const valkey::Until& until,
                                      std::vector<Key>& doubted);
  Result<void> keep_current(std::vector<Candidate>& candidates, std::vector<Key>& doubted, const valkey::Until& until);

  const ValkeyOptions options_;
  const std::shared_ptr<valkey::Client> client_;
  const std::unique_ptr<valkey::GenerationTable> generations_;
  const std::unique_ptr<valkey::LeaseHolder> leases_;
  const std::unique_ptr<valkey::PurgeStream> purges_;
  std::array<std::atomic<std::uint64_t>, record_faults> doubtful_{};
};

}  // namespace fovea
