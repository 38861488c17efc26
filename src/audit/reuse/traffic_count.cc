#include "audit/reuse/traffic_count.h"

#include <algorithm>

namespace fovea {

void TrafficCount::see(const PlacedRequest& placed) {
  const AuditedRequest& request = *placed.request;
  ++traffic_.requests;
  traffic_.with_pictures += placed.pictures.empty() ? 0 : 1;
  traffic_.pictures += placed.pictures.size();
  for (const PlacedPicture& picture : placed.pictures) {
    const AuditedPart& part = request.parts[picture.part];
    traffic_.pictures_by_url += request.pictures[part.picture].by_url ? 1 : 0;
  }
  traffic_.prompts_cut += placed.cut ? 1 : 0;
  traffic_.picture_tokens += placed.size.picture_tokens;
  traffic_.answer_tokens += placed.answer_tokens;
  traffic_.provider_cached_tokens += request.cached_tokens.value_or(0);
  if (request.prompt_tokens) {
    ++traffic_.with_usage;
    traffic_.prompt_tokens += *request.prompt_tokens;
    fitter_.see(placed.size, *request.prompt_tokens);
  } else {
    uncounted_ += placed.size;
  }
  if (request.duration_ms) {
    ++traffic_.with_durations;
    durations_ms_ += *request.duration_ms;
  }
  if (!request.time_ms) return;
  first_ms_ = timed_ ? std::min(first_ms_, *request.time_ms) : *request.time_ms;
  last_ms_ = timed_ ? std::max(last_ms_, *request.time_ms) : *request.time_ms;
  timed_ = true;
}

std::optional<double> TrafficCount::mean_duration_ms() const {
  if (traffic_.with_durations == 0) return std::nullopt;
  return durations_ms_ / static_cast<double>(traffic_.with_durations);
}

AuditTraffic TrafficCount::findings(const RequestPlacer& placer) const {
  AuditTraffic traffic = traffic_;
  traffic.clients = placer.clients().size();
  traffic.routes = placer.routes().size();
  traffic.models = placer.models().size();
  traffic.span_ms = last_ms_ - first_ms_;
  traffic.prompt_tokens += fit().tokens(uncounted_);
  traffic.picture_tokens *= fit().per_picture_token;
  traffic.bytes_per_token = 1 / fit().per_byte;
  return traffic;
}

}  // namespace fovea
