// What a detector of spoilers puts into the table, for tests.
#pragma once

#include <functional>
#include <vector>

#include "audit/asked.h"
#include "audit/prompts/placed_request.h"
#include "audit/spoilers/spoiler_table.h"
#include "profile/example_profile.h"

namespace fovea::test {

class SeenSpoilers {
 public:
  using Detector = std::function<void(const PlacedRequest&, SpoilerTable&)>;
  explicit SeenSpoilers(Detector detector) : detector_(std::move(detector)) {}

  void see(const Asked& asked) {
    const AuditedRequest request = asked;
    detector_(placer_.place(request), table_);
  }
  std::vector<Spoiler> found() const {
    return table_.findings(placer_, costs_, TokenFit{.per_byte = 0.25, .per_part = 0});
  }

 private:
  const ModelCosts costs_{example_model()};
  RequestPlacer placer_{costs_, false};
  SpoilerTable table_;
  Detector detector_;
};

}  // namespace fovea::test
