// Target: what a bench measures. It answers requests and says what each took, as its client sees it.
//
// A pipeline of this process (PipelineTarget) or a server (UrlTarget). ask() is thread-safe; restart() must
// not run beside it.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "fovea/result.h"
#include "pipeline/request.h"

namespace fovea {

// What one answer took, and how it was made. What a target does not report is empty or 0.
struct Measured {
  std::string text;
  double first_ms = 0;  // until the first piece of text
  double total_ms = 0;  // until the last
  std::int32_t prompt_tokens = 0;
  std::int32_t answer_tokens = 0;
  std::int32_t cached_tokens = 0;             // of the prompt, not prefilled again
  std::map<std::string, std::string> levels;  // level to outcome: {"embedding", "hit"}
  std::map<std::string, double> stages;       // milliseconds
  double saved_ms = 0;
  std::uint32_t tiles = 0;          // of the images whose embeddings were needed
  std::uint32_t tiles_encoded = 0;  // of these
};

// What a level holds.
struct Holding {
  std::string level;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // charged: values, and the overhead of each entry
};

class Target {
 public:
  virtual ~Target() = default;
  virtual const std::string& name() const = 0;
  // What it is and how it is set up, for a report.
  virtual std::string about() const = 0;
  // The target decides about the request's levels, tenant and the like.
  virtual Result<Measured> ask(const Request& request, const std::stop_token& stop) = 0;
  // Starts again with nothing stored, as after a restart. Faults: unavailable.
  virtual Result<void> restart() = 0;
  virtual std::vector<Holding> holdings() const { return {}; }
};

}  // namespace fovea
