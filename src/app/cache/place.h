// Place: the disk's folder or the shared server that a verb of `fovea cache` looks into, as its flags name
// it. Owns its tier; for one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/flags/tier_flags.h"
#include "store/tier.h"

namespace CLI {
class App;
}

namespace fovea::app {

// Adds the flags that name a place. `flags` must outlive its parsing.
void add_place_flags(CLI::App& verb, TierFlags& flags);

// Lets --fleet-key-file be given without a server, for verbs that seal a file with it. REQUIRES:
// add_place_flags.
void let_key_stand_alone(CLI::App& verb);

// The flag of a disk's limit, for verbs that need to know it.
void add_size_flag(CLI::App& verb, TierFlags& flags);

// Those of a kind of record: "embedding", or empty for all. `kind` must outlive its parsing.
void add_kind_flag(CLI::App& verb, std::string& kind);
std::vector<RecordKind> kinds_of(const std::string& kind);

// The place's name in a sentence: "the disk cache '/var/cache/fovea'", "the shared cache valkey://host".
std::string name_of_place(const TierFlags& flags);

// The disk that the flags name, with the limit that they say, or that it had last. REQUIRES: no server is
// meant. Faults: invalid, with the flag's name before the sentence.
Result<DiskSettings> disk_of_place(const TierFlags& flags);

enum class Access : std::uint8_t {
  look,    // nothing changes, and who uses the place is not in the way
  change,  // a disk is then ours alone, or it is somebody else's
  fill,    // the same; a disk that is not there is made
};

struct Place {
  std::unique_ptr<Tier> tier;
  std::string name;
  std::optional<std::uint64_t> limit_bytes;  // of a disk
  bool is_others = false;                    // a disk that was to be changed, and another process has it open
};

// A disk is opened with the limit that it had last, or that the flags say. With flags.encrypt_tiers, purging
// a tenant destroys its secret too; else encrypted entries are seen as they lie there.
// Faults: invalid, not_found, with the flag's name before the sentence; not_found, where there is no disk
// cache; invalid, where a disk has no secrets that could be destroyed; unavailable.
Result<Place> open_place(const TierFlags& flags, Access access);

}  // namespace fovea::app
