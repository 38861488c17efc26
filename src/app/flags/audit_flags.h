// AuditFlags: the flags of fovea audit, and the settings that they make. The caller owns both.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audit/audit.h"
#include "audit/read_log.h"
#include "fovea/result.h"

namespace CLI {
class App;
}

namespace fovea::app {

struct AuditFlags {
  std::vector<std::string> logs;
  std::string format = "auto";
  std::string pictures;
  bool no_decode = false;
  std::string profile = "l4";  // one of samples/devices, or a file
  std::string model;           // of the profile; empty = its largest
  std::string policy = std::string(to_string(default_policy));
  std::vector<std::string> cache, disk;  // sizes
  std::uint32_t nodes = 1;
  bool per_client = false;
  std::string price_tokens;  // "IN,OUT" for a million of each, or the name of a row of the table of prices
  double price_hour = -1;    // below 0: not given
  std::string currency;      // empty: that of the table, or USD
  bool json = false;
  std::string report;
};

// `flags` must outlive `audit`.
void add_audit_flags(CLI::App& audit, AuditFlags& flags);

// Faults: invalid, with the flag's name in the sentence; not_found for a profile.
Result<LogOptions> log_options(const AuditFlags& flags);
Result<AuditSettings> audit_settings(const AuditFlags& flags);

}  // namespace fovea::app
