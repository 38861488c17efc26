// A value is taken in before it is written, so that one that the policy declines costs no write; until it is
// written, nobody finds it.
#include "tier/rocksdb/disk_index.h"

#include <algorithm>
#include <utility>

#include "cache/policies.h"

namespace fovea {

struct DiskIndex::Node : Item {
  DiskName name;
  std::uint64_t place = 0;
  std::uint64_t bytes = 0;  // as they are; Item::size is what is charged
  bool settled = false;
};

DiskIndex::DiskIndex(std::uint64_t bytes_max) : bytes_max_(bytes_max), policy_(make_policy(PolicyKind::value)) {
  policy_->resized(bytes_max);
}

DiskIndex::~DiskIndex() = default;

DiskIndex::Node* DiskIndex::find_node(const DiskName& name) const {
  const auto found = nodes_.find(name);
  return found == nodes_.end() ? nullptr : found->second.get();
}

DiskIndex::Taken DiskIndex::insert(const DiskName& name, const DiskFacts& facts) {
  MutexLock lock(mutex_);
  if (Node* older = find_node(name)) remove(*older, RemovalCause::replaced);
  auto node = std::make_unique<Node>();
  node->id = name.key.bits();
  node->size = std::max({facts.bytes, bytes_max_ / entries_max, charged_min});
  node->cost_ms = facts.cost_ms;
  node->importance = facts.importance;
  node->level = static_cast<std::uint8_t>(name.kind);
  node->name = name;
  node->place = facts.place;
  node->bytes = facts.bytes;
  Taken taken;
  if (node->size > bytes_max_) return taken;
  while (charged_ + node->size > bytes_max_) {
    auto* victim = static_cast<Node*>(policy_->victim(node.get()));
    if (victim == nullptr) {
      policy_->declined(*node);
      return taken;
    }
    taken.evicted.push_back(victim->name);
    remove(*victim, RemovalCause::evicted);
  }
  TierContent& content = contents_[static_cast<std::size_t>(name.kind) - 1];
  ++content.entries;
  content.bytes += facts.bytes;
  charged_ += node->size;
  by_place_[facts.place] = node.get();
  policy_->inserted(*node);
  nodes_[name] = std::move(node);
  taken.stored = true;
  return taken;
}

void DiskIndex::settle(const DiskName& name) {
  MutexLock lock(mutex_);
  if (Node* node = find_node(name)) node->settled = true;
}

std::optional<DiskFacts> DiskIndex::find(const DiskName& name) {
  MutexLock lock(mutex_);
  Node* node = find_node(name);
  if (node == nullptr || !node->settled) return std::nullopt;
  ++node->hits;
  policy_->hit(*node);
  return DiskFacts{node->place, node->bytes, node->cost_ms, node->importance};
}

std::optional<DiskFacts> DiskIndex::facts(const DiskName& name) const {
  MutexLock lock(mutex_);
  const Node* node = find_node(name);
  if (node == nullptr || !node->settled) return std::nullopt;
  return DiskFacts{node->place, node->bytes, node->cost_ms, node->importance};
}

bool DiskIndex::move(const DiskName& name, std::uint64_t place) {
  MutexLock lock(mutex_);
  Node* node = find_node(name);
  if (node == nullptr) return false;
  by_place_.erase(node->place);
  node->place = place;
  by_place_[place] = node;
  return true;
}

std::optional<DiskName> DiskIndex::oldest_before(std::uint64_t place) const {
  MutexLock lock(mutex_);
  if (by_place_.empty() || by_place_.begin()->first >= place) return std::nullopt;
  return by_place_.begin()->second->name;
}

bool DiskIndex::erase(const DiskName& name) {
  MutexLock lock(mutex_);
  Node* node = find_node(name);
  if (node == nullptr) return false;
  remove(*node, RemovalCause::erased);
  return true;
}

bool DiskIndex::erase(const DiskName& name, std::uint64_t place) {
  MutexLock lock(mutex_);
  Node* node = find_node(name);
  if (node == nullptr || node->place != place) return false;
  remove(*node, RemovalCause::erased);
  return true;
}

void DiskIndex::remove(Node& node, RemovalCause why) {
  policy_->removed(node, why);
  TierContent& content = contents_[static_cast<std::size_t>(node.name.kind) - 1];
  --content.entries;
  content.bytes -= node.bytes;
  charged_ -= node.size;
  by_place_.erase(node.place);
  nodes_.erase(DiskName(node.name));  // a copy: the node's own goes with it
}

TierContent DiskIndex::content(RecordKind kind) const {
  MutexLock lock(mutex_);
  TierContent content = contents_[static_cast<std::size_t>(kind) - 1];
  content.bytes_max = bytes_max_;
  return content;
}

}  // namespace fovea
