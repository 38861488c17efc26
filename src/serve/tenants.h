// Tenants: who may ask, under which name, and how much.
//
// The operator's file of keys, in TOML, holds hashes of keys only:
//
//   [tenants.alice]
//   keys = ["64 hexadecimal digits, of hash_of_key()"]
//   requests_per_minute = 600
//   bytes_per_minute = "1GiB"
//   group = "lab"
//
// Without a file there is one tenant, and everybody is it. Thread-safe: the file may be read again while requests come.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "fovea/key.h"
#include "serve/openai/refusal.h"

namespace fovea::serve {

// What a tenant may take in a minute; 0 = no limit.
struct TenantLimits {
  std::uint64_t requests_per_minute = 0;
  std::uint64_t bytes_per_minute = 0;  // of request bodies
};

struct Tenant {
  std::string name;   // empty: the only one
  std::string group;  // whose entries it shares, with the others of the group; empty = nobody's
  TenantLimits limits;
  bool admin = false;  // may see and reset everybody's cache
};

// What stands for `api_key` in the file of keys: 64 hexadecimal digits.
std::string hash_of_key(std::string_view api_key);

class Tenants {
 public:
  // Everybody is one tenant, who may do everything.
  Tenants();
  // Those of `file`. Faults: not_found, invalid with the line's number.
  static Result<std::unique_ptr<Tenants>> open(const std::filesystem::path& file);

  // Reads the file again; where that fails, the keys stay as they are.
  Result<void> reload();

  // Who sends this Authorization header ("Bearer KEY"). Refused: 401. Takes as long for a wrong key as for any other.
  Parsed<std::shared_ptr<const Tenant>> find(std::string_view authorization) const;

  // Counts a request of `bytes` against the tenant's limits. Refused: 429, with when to come again.
  Parsed<void> admit(const Tenant& tenant, std::uint64_t bytes, const Clock& clock = Clock::steady());

 private:
  struct Entry {
    Key key_hash;
    std::shared_ptr<const Tenant> tenant;
  };
  // What is left of a minute's allowance, refilled as time passes.
  struct Allowance {
    double requests = 0, bytes = 0, at_ms = 0;
  };

  explicit Tenants(std::filesystem::path file) : file_(std::move(file)) {}
  static Result<std::vector<Entry>> read(const std::filesystem::path& file);

  const std::filesystem::path file_;
  mutable Mutex mutex_;
  std::vector<Entry> entries_ FOVEA_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Allowance> allowances_ FOVEA_GUARDED_BY(mutex_);  // one a tenant
};

}  // namespace fovea::serve
