// What is lost are the tools alone: how much of what stands behind them would have been found is not known.
#include "audit/spoilers/tool_order.h"

#include "trace/mixed_bits.h"

namespace fovea {

void ToolOrder::see(const PlacedRequest& placed, SpoilerTable& table) {
  const AuditedRequest& request = *placed.request;
  std::uint64_t in_order = placed.scope, in_any_order = 0;
  SpoiledWork lost;
  for (const AuditedPart& part : request.parts) {
    if (part.role != PartRole::tools) continue;
    in_order = mixed_bits(in_order ^ mixed_bits(part.hash));
    in_any_order += mixed_bits(part.hash ^ mixed_bits(placed.scope));
    lost.prompt += {.bytes = double{1} * part.bytes, .parts = 1};
  }
  if (lost.prompt.parts < 2 || lists_.size() >= lists_max) return;
  const bool new_order = lists_.insert(mixed_bits(in_order)).second;
  const bool new_tools = lists_.insert(mixed_bits(~in_any_order)).second;
  if (!new_order || new_tools) return;
  table.add(SpoilerKind::changing_tools, placed, {.sample = in_any_order, .role = PartRole::tools, .message = 0}, lost);
}

}  // namespace fovea
