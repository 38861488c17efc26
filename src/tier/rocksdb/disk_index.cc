// A value is taken in before it is written, so that one that the policy declines costs no write; until it is
// written, nobody finds it.
#include "tier/rocksdb/disk_index.h"

#include <algorithm>
#include <utility>

#include "cache/policy/value.h"

namespace fovea {

struct DiskIndex::Node : Item {
  DiskName name;
  std::uint64_t place = 0;
  std::uint64_t bytes = 0;  // as they are; Item::size is what is charged
  bool settled = false;
};

namespace {

// The policy tells three levels apart.
std::uint8_t level_of(RecordKind kind) {
  switch (kind) {
    case RecordKind::prefix:
      return 1;
    case RecordKind::response:
    case RecordKind::relayed_response:
      return 2;
    default:
      return 0;  // what is made from an image alone
  }
}

}  // namespace

DiskIndex::DiskIndex(std::uint64_t bytes_max) : bytes_max_(bytes_max), policy_(std::make_unique<ValuePolicy>()) {
  policy_->resized(bytes_max);
}

DiskIndex::~DiskIndex() = default;

DiskIndex::Node* DiskIndex::find_node(const DiskName& name) const {
  const auto found = nodes_.find(name);
  return found == nodes_.end() ? nullptr : found->second.get();
}

std::unique_ptr<DiskIndex::Node> DiskIndex::node_of(const DiskName& name, const DiskFacts& facts) const {
  auto node = std::make_unique<Node>();
  node->id = name.key.bits();
  node->size = std::max({facts.bytes, bytes_max_ / entries_max, charged_min});
  node->cost_ms = facts.cost_ms;
  node->importance = facts.importance;
  node->level = level_of(name.kind);
  node->name = name;
  node->place = facts.place;
  node->bytes = facts.bytes;
  return node;
}

// False where the policy declined the value.
bool DiskIndex::make_room(const Node& node, const Item* incoming, Taken& taken) {
  if (node.size > bytes_max_) return false;
  while (charged_ + node.size > bytes_max_) {
    auto* victim = static_cast<Node*>(policy_->victim(incoming));
    if (victim == nullptr) {
      if (incoming != nullptr) policy_->declined(*incoming);
      return false;
    }
    taken.evicted.push_back(victim->name);
    remove(*victim, RemovalCause::evicted);
  }
  taken.stored = true;
  return true;
}

void DiskIndex::keep(std::unique_ptr<Node> node) {
  TierContent& content = contents_[static_cast<std::size_t>(node->name.kind) - 1];
  ++content.entries;
  content.bytes += node->bytes;
  charged_ += node->size;
  by_place_[node->place] = node.get();
  const DiskName name = node->name;
  nodes_[name] = std::move(node);
}

DiskIndex::Taken DiskIndex::insert(const DiskName& name, const DiskFacts& facts) {
  MutexLock lock(mutex_);
  if (Node* older = find_node(name)) remove(*older, RemovalCause::replaced);
  auto node = node_of(name, facts);
  Taken taken;
  if (!make_room(*node, node.get(), taken)) return taken;
  policy_->inserted(*node);
  keep(std::move(node));
  return taken;
}

DiskIndex::Taken DiskIndex::restore(const DiskName& name, const DiskFacts& facts) {
  MutexLock lock(mutex_);
  auto node = node_of(name, facts);
  Taken taken;
  if (!make_room(*node, nullptr, taken)) return taken;
  policy_->restored(*node);
  node->settled = true;
  keep(std::move(node));
  return taken;
}

ReuseMemory DiskIndex::learnt() {
  MutexLock lock(mutex_);
  return policy_->learnt(ReuseHistory::ghosts_min);
}

bool DiskIndex::recall(const ReuseMemory& memory) {
  MutexLock lock(mutex_);
  return policy_->recall(memory);
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
