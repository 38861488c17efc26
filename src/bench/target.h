// Target: whoever is measured. It answers requests and says what each took, as its client sees it.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "fovea/result.h"
#include "pipeline/request.h"

namespace fovea {

// What one answer took and what is known of how it was made. What a target does not tell is empty or 0.
struct Measured {
  std::string text;
  double first_ms = 0;  // until the first piece of text
  double total_ms = 0;  // until the last
  std::int32_t prompt_tokens = 0;
  std::int32_t answer_tokens = 0;
  std::int32_t cached_tokens = 0;             // of the prompt, not read again
  std::map<std::string, std::string> levels;  // level to outcome: {"embedding", "hit"}
  std::map<std::string, double> stages;       // milliseconds
  double saved_ms = 0;
};

// What a level holds.
struct Holding {
  std::string level;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // charged: values and what each costs beside
};

class Target {
 public:
  virtual ~Target() = default;
  virtual const std::string& name() const = 0;
  // One sentence: what it is and how it is set up.
  virtual std::string about() const = 0;
  // Any number of threads may ask. The request's levels, tenant and the like are the target's business.
  virtual Result<Measured> ask(const Request& request, const std::stop_token& stop) = 0;
  // Begins with nothing kept, as after a restart. Faults: unavailable.
  virtual Result<void> restart() = 0;
  virtual std::vector<Holding> holdings() const { return {}; }
};

}  // namespace fovea
