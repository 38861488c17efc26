#include "cache/ghosts.h"

namespace fovea {

void Ghosts::Memory::put(std::uint64_t id, std::uint8_t what) {
  const auto [place, is_new] = known_.insert_or_assign(id, what);
  if (!is_new) return;  // the id keeps its place in the ring
  if (order_.size() < keys_max) {
    order_.push_back(id);
    return;
  }
  known_.erase(order_[next_]);
  order_[next_] = id;
  next_ = (next_ + 1) % keys_max;
}

const std::uint8_t* Ghosts::Memory::find(std::uint64_t id) const {
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : &found->second;
}

MissReason Ghosts::reason(std::uint64_t id, std::uint64_t content) const {
  if (const std::uint8_t* why = removed_.find(id)) return static_cast<MissReason>(*why);
  if (content != 0 && contents_.find(content) != nullptr) return MissReason::other_tenant;
  return MissReason::never_seen;
}

}  // namespace fovea
