// PackWriter: writes a pack, which appears under its name when it is whole, and not before.
//
// Not thread-safe. What is not finished leaves nothing behind.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "base/owned.h"
#include "fovea/result.h"
#include "store/sealed_entry.h"
#include "store/tier.h"

namespace fovea {

class PackWriter {
 public:
  // A pack at `file`, whose entries are sealed with `key`, if there is one. Faults: unavailable.
  static Result<std::unique_ptr<PackWriter>> create(const std::filesystem::path& file,
                                                    const std::optional<SealKey>& key);
  ~PackWriter();
  PackWriter(const PackWriter&) = delete;
  PackWriter& operator=(const PackWriter&) = delete;

  // REQUIRES: its record is of `kind`. Faults: unavailable (the disk is full); too_large.
  Result<void> add(RecordKind kind, const TierEntry& entry);

  // Ends the pack, and puts it where any other file of its name was. Faults: unavailable.
  Result<void> finish();

  std::uint64_t entries() const { return entries_; }
  std::uint64_t bytes() const { return bytes_; }  // written so far

 private:
  PackWriter(std::filesystem::path file, const std::optional<SealKey>& key);
  Result<void> write(std::span<const std::byte> bytes);
  std::unexpected<Error> failed() const;

  const std::filesystem::path file_;
  const std::filesystem::path temporary_;  // beside it
  const std::optional<SealKey> key_;
  Owned<std::FILE, std::fclose> out_;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace fovea
