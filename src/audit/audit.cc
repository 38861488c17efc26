// Every part of the audit sees every request, placed among all before it, and is asked once at the end. Parts
// know nothing of each other; what several need (places, verdicts on pictures and questions) PlacedRequest
// has.
//
// Memory for a million requests with a picture each: some 300 MB of places and histories, and as much again
// in a replay, for which the placer is freed.
#include "audit/audit.h"

#include <optional>

#include "audit/costs/model_costs.h"
#include "audit/prompts/placed_request.h"
#include "audit/reuse/reuse_count.h"
#include "audit/reuse/traffic_count.h"
#include "audit/savings/savings.h"
#include "audit/savings/way_trace.h"
#include "audit/spoilers/changing_text.h"
#include "audit/spoilers/picture_order.h"
#include "audit/spoilers/request_spoilers.h"
#include "audit/spoilers/tool_order.h"
#include "base/check.h"

namespace fovea {

namespace {

constexpr std::uint16_t failed_status = 400;

const ModelTimes& model_of(const AuditSettings& settings) {
  check(!settings.profile.models.empty(), "a profile has a model");
  return settings.profile.models.front();
}

}  // namespace

class Audit::Parts {
 public:
  explicit Parts(AuditSettings settings)
      : settings_(std::move(settings)),
        costs_(model_of(settings_)),
        placer_(std::in_place, costs_, settings_.per_client) {}

  void see(const AuditedRequest& request) {
    if (request.status >= failed_status) return traffic_.see_failed();
    const PlacedRequest& placed = placer_->place(request);
    traffic_.see(placed);
    reuse_.see(placed);
    const bool told = changing_text_.see(placed, spoilers_);
    picture_order_.see(placed, told ? nullptr : &spoilers_);
    tool_order_.see(placed, spoilers_);
    see_picture_copies(placed, spoilers_);
    see_unstored_repeat(placed, spoilers_);
    trace_.see(placed);
  }

  AuditFindings findings(const Progress& progress) {
    const TokenFit fit = traffic_.fit();
    AuditFindings found{.traffic = traffic_.findings(*placer_),
                        .reuse = reuse_.findings(*placer_, fit),
                        .spoilers = spoilers_.findings(*placer_, costs_, fit),
                        .savings = {}};
    placer_.reset();
    changing_text_ = {};
    picture_order_ = {};
    reuse_ = {};
    trace_.freeze();
    if (trace_.requests().empty()) return found;
    found.savings = savings_of(trace_, settings_, fit, progress);
    found.savings.logged_mean_ms = traffic_.mean_duration_ms();
    return found;
  }

 private:
  const AuditSettings settings_;
  const ModelCosts costs_;
  std::optional<RequestPlacer> placer_;
  TrafficCount traffic_;
  ReuseCount reuse_;
  SpoilerTable spoilers_;
  ChangingText changing_text_;
  PictureOrder picture_order_;
  ToolOrder tool_order_;
  WayTrace trace_;
};

Audit::Audit(AuditSettings settings) : parts_(std::make_unique<Parts>(std::move(settings))) {}
Audit::~Audit() = default;
Audit::Audit(Audit&&) noexcept = default;
Audit& Audit::operator=(Audit&&) noexcept = default;

void Audit::see(const AuditedRequest& request) { parts_->see(request); }

AuditFindings Audit::findings(const Progress& progress) && { return parts_->findings(progress); }

}  // namespace fovea
