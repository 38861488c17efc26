// Audit: sees each request of a log once, in order, and says what was found.
//
// It keeps hashes and counts, in bounded memory: some 100 B for each part of a prompt that was not seen
// before. Not thread-safe. The profile is copied.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "audit/audited_request.h"
#include "audit/findings.h"
#include "base/progress.h"
#include "fovea/policy_kind.h"
#include "profile/profile.h"

namespace fovea {

struct AuditSettings {
  Profile profile;           // whose first model's times are taken. REQUIRES: as parse_profile gives it
  std::string profile_name;  // for people
  PolicyKind policy = default_policy;
  std::vector<std::uint64_t> memory_bytes;  // empty = shares of the working set
  std::vector<std::uint64_t>
      disk_bytes;           // behind the first of these memories; empty = half of and all of the working set
  std::uint32_t nodes = 1;  // above 1: several nodes, which requests come to in turn, without and with a shared tier
  bool per_client = false;  // nothing of one client is found by another, as with Fovea's tenants
  AuditPrices prices;
};

class Audit {
 public:
  explicit Audit(AuditSettings settings);
  ~Audit();
  Audit(Audit&&) noexcept;
  Audit& operator=(Audit&&) noexcept;

  void see(const AuditedRequest& request);

  // Of all that was seen. Replays take seconds for a million requests. REQUIRES: called once, at the end.
  AuditFindings findings(const Progress& progress = {}) &&;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace fovea
