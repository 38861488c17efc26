// PackReader: reads a pack entry by entry, and believes each only as far as its seal proves it.
//
// A pack came on a stick or over a network: its lengths are compared with what the file has before memory is
// taken. Not thread-safe.
#pragma once

#include <cstdint>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/owned.h"
#include "fovea/result.h"
#include "store/sealed_entry.h"
#include "store/tier.h"

namespace fovea {

class PackReader {
 public:
  // The pack at `file`. With `keys`, entries that none of them sealed are not believed; without, those that
  // any key sealed are not. Faults: not_found; unavailable; invalid: it is no pack, or of a later version.
  static Result<std::unique_ptr<PackReader>> open(const std::filesystem::path& file, std::span<const SealKey> keys);

  struct Packed {
    RecordKind kind;
    TierHit hit;
  };
  // An entry, or why it is not believed.
  using Entry = std::expected<Packed, RecordFault>;

  // The next entry; nullopt behind the last one, where the pack ends as it should. Faults: corrupt: the file
  // is cut, or goes on behind its end, or says another number of entries than it has; unavailable.
  Result<std::optional<Entry>> next();

  std::uint64_t entries() const { return entries_; }  // that were read, believed or not
  double fraction() const;                            // of the file that was read

 private:
  PackReader(std::filesystem::path file, std::span<const SealKey> keys);
  Result<void> read(std::span<std::byte> bytes);
  Result<std::optional<Entry>> end();
  Entry opened(const Blob& bytes) const;
  std::unexpected<Error> cut() const;

  const std::filesystem::path file_;
  const std::vector<SealKey> keys_;
  Owned<std::FILE, std::fclose> in_;
  std::uint64_t size_ = 0;
  std::uint64_t at_ = 0;
  std::uint64_t entries_ = 0;
};

}  // namespace fovea
