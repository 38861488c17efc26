#include "cache/policy/acquaintances.h"

#include <algorithm>

#include "base/check.h"

namespace fovea {

namespace {

constexpr Acquaintances::Slot ends = 0;

}  // namespace

Acquaintances::Acquaintances() : slots_(1) {}

std::optional<Acquaintances::Slot> Acquaintances::find(std::uint64_t id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second;
}

Acquaintances::Slot Acquaintances::meet(std::uint64_t id) {
  Slot slot;
  if (free_.empty()) {
    slot = static_cast<Slot>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = {};
  }
  slots_[slot].id = id;
  slots_[slot].uses = 1;
  slots_[slot].by_id = by_id_.try_emplace(id, slot).second;
  link(slot);
  return slot;
}

std::optional<Acquaintances::Slot> Acquaintances::crowded_out() const {
  if (departed_ < std::max(departed_min, here_)) return std::nullopt;
  return slots_[ends].newer;
}

void Acquaintances::purge(Slot slot) {
  Acquaintance& one = slots_[slot];
  check(one.uses > 0 && !one.here, "only the departed are forgotten");
  unlink(slot);
  if (one.by_id) by_id_.erase(one.id);
  one.uses = 0;
  free_.push_back(slot);
}

void Acquaintances::came(Slot slot) {
  unlink(slot);
  slots_[slot].here = true;
  ++here_;
}

void Acquaintances::left(Slot slot) {
  check(slots_[slot].here, "only who is here can leave");
  slots_[slot].here = false;
  --here_;
  link(slot);
  if (!slots_[slot].by_id) purge(slot);
}

void Acquaintances::link(Slot slot) {
  const Slot latest = slots_[ends].older;
  slots_[slot].older = latest;
  slots_[slot].newer = ends;
  slots_[latest].newer = slot;
  slots_[ends].older = slot;
  ++departed_;
}

void Acquaintances::unlink(Slot slot) {
  slots_[slots_[slot].older].newer = slots_[slot].newer;
  slots_[slots_[slot].newer].older = slots_[slot].older;
  --departed_;
}

}  // namespace fovea
