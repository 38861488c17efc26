// Tenants: which API keys are accepted, the tenant each belongs to, and how much a tenant may ask a minute.
//
// The operator's file of keys, in TOML, holds hashes only:
//
//   [tenants.alice]
//   keys = ["64 hexadecimal digits, of hash_of_key()"]
//   requests_per_minute = 600
//   bytes_per_minute = "1GiB"
//   group = "lab"
//
// Without a file there is one tenant, and every client is it. Thread-safe: the file can be read again while
// requests come.
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
#include "serve/exchange.h"
#include "serve/http/message/request_head.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// What a tenant may send in a minute; 0 = no limit.
struct TenantLimits {
  std::uint64_t requests_per_minute = 0;
  std::uint64_t bytes_per_minute = 0;  // of request bodies
};

struct Tenant {
  std::string name;   // empty: the only one
  std::string group;  // tenants of the same group share their entries; empty = shared with nobody
  TenantLimits limits;
  bool admin = false;  // may see the whole cache, and reset any tenant's part of it
};

// The hash of `api_key` for the file of keys: 64 hexadecimal digits.
std::string hash_of_key(std::string_view api_key);

// The key that a request brings: Authorization: Bearer KEY, or else X-Api-Key or api-key, as clients of other
// APIs send it. Empty where it brings none.
std::string_view api_key_of(const Exchange& exchange);
std::string_view api_key_of(const RequestHead& head);

class Tenants {
 public:
  // One tenant without a key, who is an admin.
  Tenants();
  // The tenants of `file`. Faults: not_found; invalid, with the line's number.
  static Result<std::unique_ptr<Tenants>> open(const std::filesystem::path& file);

  // Reads the file again. Where that fails, the tenants stay as they are.
  Result<void> reload();

  // The tenant of this API key. Refused: 401. Takes the same time for every key, right or wrong.
  Parsed<std::shared_ptr<const Tenant>> find(std::string_view api_key) const;

  // The tenant of this name. Refused: 404.
  Parsed<std::shared_ptr<const Tenant>> named(std::string_view name) const;

  // Of all tenants; each once.
  std::vector<std::string> names() const;

  // Counts a request of `bytes` against the tenant's limits. Refused: 429, with the time after which to ask
  // again.
  Parsed<void> admit(const Tenant& tenant, std::uint64_t bytes, const Clock& clock = Clock::steady());

 private:
  struct Entry {
    Key key_hash;
    std::shared_ptr<const Tenant> tenant;
  };
  // What is left of a tenant's minute: a token bucket that holds one minute's worth and refills as time
  // passes.
  struct Allowance {
    double requests = 0, bytes = 0, at_ms = 0;
  };

  explicit Tenants(std::filesystem::path file) : file_(std::move(file)) {}
  static Result<std::vector<Entry>> read(const std::filesystem::path& file);

  const std::filesystem::path file_;
  mutable Mutex mutex_;
  std::vector<Entry> entries_ FOVEA_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Allowance> allowances_ FOVEA_GUARDED_BY(mutex_);  // by tenant
};

}  // namespace fovea::serve
